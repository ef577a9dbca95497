import type { MockExchange } from "../../testing/mock/exchange-log";
import type { MockCashbox } from "../../testing/mock/views";
import type { MockPayme } from "../mock-server/mock-payme";
import type { CliIo } from "./io";

/** Prints the first text of `payme-kit mock`: its address, the settings for .env, and a first call to try. */
export function introduceMock(
  { mock, url, kept }: { mock: MockPayme; url: string; kept: string | undefined },
  io: CliIo,
): void {
  const [terminal, billing] = mock.cashboxes;
  // Checkout links need the cashbox with billing; it makes receipts, too.
  const cashbox = billing ?? terminal;
  const lines = [
    `The mock of Payme is at ${url}. No money moves here. Ctrl-C ends it.`,
    "",
    `  console       ${url}/console`,
    `  payment page  ${url}/<receipt id>`,
    "  test card     8600 4954 7331 6478, 03/99; SMS code 666666",
    `  books         ${kept === undefined ? "in memory, until the mock ends" : `in ${kept}, which only you can read`}`,
    "",
    "For .env (the mock takes both schemes, key and the Wedy guide's signature):",
    "",
    ...Object.entries(clientSettings(cashbox, url)).map(
      ([name, value]) => `${name}=${name.endsWith("KEY") ? `'${value}'` : value}`,
    ),
    ...(billing === undefined ? [] : merchantSettings(billing, terminal, url)),
    "",
    "To try it, make a receipt and open its page:",
    "",
    `curl -s ${url}/api -H 'X-Auth: ${cashbox?.merchantId}:${cashbox?.key}' \\`,
    `  -d '{"method":"receipts.create","params":{"amount":500000,"account":{"order_id":197}}}'`,
    "",
  ];
  for (const line of lines) io.out(line);
}

/** The settings of a client of this mock. */
function clientSettings(cashbox: MockCashbox | undefined, url: string): Record<string, string> {
  return {
    PAYME_MERCHANT_ID: cashbox?.merchantId ?? "",
    PAYME_SECRET_KEY: cashbox?.key ?? "",
    PAYME_AUTH: "key",
    PAYME_TEST_MODE: "true",
    PAYME_TEST_API_URL: url,
  };
}

/** What {@link introduceMock} says, as a document. */
export function describeMock({ cashboxes }: MockPayme, url: string): object {
  const [terminal, billing] = cashboxes;
  const settings = clientSettings(billing ?? terminal, url);
  if (billing !== undefined) settings.PAYME_MERCHANT_KEY = billing.key;
  return {
    url,
    console: `${url}/console`,
    settings,
    cashboxes: cashboxes.map(({ merchantId, key, endpoint }) => ({ merchantId, key, endpoint: endpoint ?? null })),
  };
}

function merchantSettings({ endpoint, key }: MockCashbox, terminal: MockCashbox | undefined, url: string): string[] {
  return [
    `PAYME_MERCHANT_KEY='${key}'`,
    "# PAYME_MERCHANT_TEST_KEY instead, where the endpoint takes it as testKey (the Wedy server in test mode)",
    `# The virtual terminal, whose receipts are paid without the endpoint: ${terminal?.merchantId}, key '${terminal?.key}'`,
    "",
    `The mock calls the Merchant API at ${endpoint}, for receipts and for checkout links with the host ${url}.`,
  ];
}

/** Prints a line for each call from now on. Returns a function that stops this. */
export function printExchanges(mock: MockPayme, say: (line: string) => void): () => void {
  let last = mock.exchanges.at(-1);
  return mock.onChange(() => {
    const added = mock.exchanges.slice(last === undefined ? 0 : mock.exchanges.lastIndexOf(last) + 1);
    for (const exchange of added) say(lineOf(exchange));
    last = mock.exchanges.at(-1) ?? last;
  });
}

/** One line for a call, without its content. */
function lineOf({ at, direction, method, code, ms }: MockExchange): string {
  const time = new Date(at).toISOString().slice(11, 23);
  return `${time}  ${direction === "in" ? "->" : "<-"} ${method.replace(/[^\w.]/g, "?")}  ${code ?? "ok"}  ${ms} ms`;
}
