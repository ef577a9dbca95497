import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { sqliteStorage } from "../../src/entry/sqlite";
import type { Logger } from "../../src/kit/logger";
import { som } from "../../src/kit/money";
import { TEST_CARDS } from "../../src/testing/mock/cards";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";

const key = `Pl@nted"Key?1&2\\%#ed/+=>>>???~~~`;
const pan = "8600777788889999";
const cvv = "737";
const wrongCode = "483920";

const directory = mkdtempSync(join(tmpdir(), "payme-kit-secrets-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A secret in every form in which it could slip out. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64");
  const coded = [base64.replace(/=+$/, ""), Buffer.from(secret).toString("base64url"), encodeURIComponent(secret)];
  return [...new Set([secret, ...coded, JSON.stringify(secret).slice(1, -1)])];
}

/** An error as loggers show it, its causes included. */
const shownError = (error: unknown) =>
  error instanceof Error
    ? [inspect(error, { depth: 9, showHidden: true }), error.stack, JSON.stringify(error)].join("\n")
    : "";

async function everythingShown() {
  const lines: string[] = [];
  const line = (...parts: unknown[]) => void lines.push(inspect(parts, { depth: 9 }));
  const logger: Logger = { info: line, warn: line, error: line };
  const exchanges: unknown[] = [];
  const errors: string[] = [];
  const mock = createMockPayme({ key, cards: [...TEST_CARDS, { number: pan, expire: "1230", hasCvv: true }] });
  let echo: "error" | "page" | "lost" | undefined;
  /** A proxy before Payme that repeats what it was sent: in an error, on a page, or in what a broken connection throws. */
  const echoing: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const sent = await request.clone().text();
    const header = request.headers.get("x-auth") ?? "";
    const heard = [sent, header, Buffer.from(header).toString("base64"), encodeURIComponent(header), pan].join(" ");
    if (echo === "error") {
      const error = { code: -32504, message: heard, data: { params: JSON.parse(sent).params, cvv, header, heard } };
      return new Response(JSON.stringify({ error }));
    }
    if (echo === "page") return new Response(`<html>${heard}</html>`, { status: 200 });
    if (echo === "lost") throw Object.assign(new TypeError(heard), { request: heard, code: heard });
    return mock.fetch(request);
  };
  const client = createPaymeClient({
    merchantId: mock.merchantId,
    key,
    mode: "test",
    fetch: echoing,
    logger,
    retries: 0,
    sleep: async () => {},
    onExchange: (exchange) => void exchanges.push(exchange),
  });
  const name = crypto.randomUUID();
  const file = join(directory, name);
  const storage = sqliteStorage({ file });
  await storage.migrate();
  const payments = createPayments({ storage, client, logger, sleep: async () => {} });
  const attempt = async (work: () => Promise<unknown>) => {
    await work().catch((error: unknown) => errors.push(shownError(error)));
  };

  const { token } = await client.cards.create({ number: pan, expire: "12/30", save: true });
  await attempt(() => client.cards.verify({ token, code: wrongCode }));
  await client.cards.verify({ token, code: "666666" });
  const { id, transactionId } = await payments.create({
    amount: som(50_000),
    reference: "order:1",
    description: "Order 1",
  });
  const receiptId = transactionId ?? "";
  for (const how of ["error", "page", "lost"] as const) {
    echo = how;
    await attempt(() => client.cards.create({ number: pan, expire: "12/30" }));
    await attempt(() => client.cards.verify({ token, code: wrongCode }));
    await attempt(() => client.cards.check(token));
    await attempt(() => client.receipts.pay({ id: receiptId, token }));
    await attempt(async () =>
      errors.push(shownError(Reflect.get(await client.pay({ receiptId, token, settleMs: 0 }), "error"))),
    );
    await attempt(() => payments.create({ amount: som(1_000), reference: `order:${how}`, description: "Order" }));
    await attempt(() => payments.check(id));
    const charge = { amount: som(2_000), reference: `charge:${how}`, token, settleMs: 0 };
    await attempt(async () => errors.push(shownError(Reflect.get(await payments.charge(charge), "error"))));
    await attempt(() => payments.cancel(id));
    await payments.reconcile();
    echo = undefined;
  }
  await mock.pay(receiptId, { card: { number: pan, expire: "12/30", cvv } });
  await client.pay({ receiptId, token });
  await payments.check(id);
  await payments.refund(id).catch(() => {});
  const shown = [
    ...lines,
    ...errors,
    inspect([exchanges, mock.exchanges, client, payments, storage], { depth: 9, showHidden: true, getters: true }),
    JSON.stringify([exchanges, mock.exchanges, mock.movements, mock.receipts(), mock.cards(), client]),
  ].join("\n");
  // Before it is closed: the log beside the file has what the file has not yet.
  const files = readdirSync(directory)
    .filter((each) => each.startsWith(name))
    .map((each) => readFileSync(join(directory, each), "latin1"));
  const snapshot = JSON.stringify(mock.snapshot());
  await storage.close();
  return { shown, bytes: files.join("\n"), token, snapshot, errors, exchanges };
}

describe("planted secrets, through client, mock and payments", () => {
  it("are in no log line, error, exchange, view or byte of the database", async () => {
    const { shown, bytes, token, errors, exchanges } = await everythingShown();
    expect(errors.length).toBeGreaterThan(20);
    expect(exchanges.length).toBeGreaterThan(20);
    // The search finds what is there.
    expect(bytes).toContain("Order 1");
    expect(shown).toContain("860077******9999");
    const secrets = { key, pan, token, wrongCode, pair: `65a0b0000000000000000001:${key}` };
    const leaks = Object.entries(secrets).flatMap(([name, secret]) =>
      formsOf(secret).flatMap((form) => [
        ...(shown.includes(form) ? [`${name} is shown as ${form}`] : []),
        ...(bytes.includes(form) ? [`${name} is stored as ${form}`] : []),
      ]),
    );
    expect(leaks).toEqual([]);
    expect(shown).not.toMatch(/(?<!\d)737(?!\d)/);
  });

  it("are in mock.snapshot(), which says so: the search would have found them", async () => {
    const { snapshot, token } = await everythingShown();
    for (const secret of [pan, token]) expect(snapshot).toContain(secret);
  });
});
