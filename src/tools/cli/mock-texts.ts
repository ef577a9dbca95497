import type { MockExchange } from "../../testing/mock/exchange-log";
import type { MockCashbox } from "../../testing/mock/views";
import type { MockPayme } from "../mock-server/mock-payme";
import type { CliIo } from "./io";

/** What `payme-kit mock` says when it begins: where it is, what to put into .env, and what to try first. */
export function introduceMock(
  { mock, url, kept }: { mock: MockPayme; url: string; kept: string | undefined },
  io: CliIo,
): void {
  const [terminal, billing] = mock.cashboxes;
  io.out(`Payme, played by payme-kit, is at ${url}. No money moves here. Ctrl-C ends it.`);
  io.out("");
  io.out(`  console       ${url}/console`);
  io.out(`  payment page  ${url}/<receipt id>`);
  io.out(`  test card     8600 4954 7331 6478, 03/99; SMS code 666666`);
  io.out(
    kept === undefined
      ? "  books         in memory, gone when it ends"
      : `  books         in ${kept}, which only you can read`,
  );
  io.out("");
  io.out("For .env (receipts; it takes both schemes, key and the Wedy guide's signature):");
  io.out("");
  for (const line of settingsOf(terminal, url)) io.out(line);
  if (billing !== undefined) {
    io.out("");
    io.out(`And for the Merchant API, which it calls at ${billing.endpoint}; checkout links with the host ${url}:`);
    io.out("");
    io.out(`PAYME_MERCHANT_KEY='${billing.key}'`);
    io.out("# PAYME_MERCHANT_TEST_KEY, where the endpoint has it as its testKey (the Wedy server in test mode does)");
    io.out(`# merchantId of the links: ${billing.merchantId}`);
  }
  io.out("");
  io.out("To try it, make a receipt, and open its page:");
  io.out("");
  io.out(curlOf(terminal, url));
  io.out("");
}

function settingsOf(cashbox: MockCashbox | undefined, url: string): string[] {
  return [
    `PAYME_MERCHANT_ID=${cashbox?.merchantId}`,
    `PAYME_SECRET_KEY='${cashbox?.key}'`,
    "PAYME_AUTH=key",
    "PAYME_TEST_MODE=true",
    `PAYME_TEST_API_URL=${url}`,
  ];
}

function curlOf(cashbox: MockCashbox | undefined, url: string): string {
  return [
    `curl -s ${url}/api -H 'X-Auth: ${cashbox?.merchantId}:${cashbox?.key}' \\`,
    `  -d '{"method":"receipts.create","params":{"amount":500000,"account":{"order_id":197}}}'`,
  ].join("\n");
}

/** Writes a line for each call from now on; gives what ends that. */
export function tellExchanges(mock: MockPayme, io: CliIo): () => void {
  let last = mock.exchanges.at(-1);
  return mock.onChange(() => {
    const news = mock.exchanges.slice(last === undefined ? 0 : mock.exchanges.lastIndexOf(last) + 1);
    for (const exchange of news) io.out(lineOf(exchange));
    last = mock.exchanges.at(-1) ?? last;
  });
}

/** One line a call, without anything that it carried. */
function lineOf({ at, direction, method, code, ms }: MockExchange): string {
  const time = new Date(at).toISOString().slice(11, 23);
  return `${time}  ${direction === "in" ? "->" : "<-"} ${method.replace(/[^\w.]/g, "?")}  ${code ?? "ok"}  ${ms} ms`;
}
