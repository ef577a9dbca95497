import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventLogger, isPaymeError, logScrubber, type PaymeEvent, tiyin } from "payme-kit";
import { doctor } from "payme-kit/doctor";
import { sqliteStorage } from "payme-kit/sqlite";
import { signTestWebhook } from "payme-kit/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLogs } from "../../examples/express-wedy/src/logging";
import { cli } from "../cli/kit";
import { consent, SEAL_KEYS, savedCard } from "./saved-card";
import { JWT_SECRET, openShop, paid } from "./shop";

const KEY = 'planted"key/with+odd?characters&here';
const PAN = "8600123456789012";
const CVV = "7351";
const SMS_CODE = "918273";
const CARD_TOKEN = "planted-card-token-5f8b7e6d";

/** Each form in which a secret may turn up. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    Buffer.from(`Paycom:${secret}`).toString("base64"),
  ];
}

function findSecrets(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => formsOf(secret).some((form) => text.includes(form)));
}

it("no planted secret turns up in a log line, an answer, a page or the database", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wedy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const storage = sqliteStorage({ file: join(folder, "wedy.db") });
  const shop = await openShop({ storage, key: KEY });
  const { request, notify, buy, mock, userToken, adminToken, lines } = shop;
  const answers: string[] = [];
  const ask = async (...args: Parameters<typeof request>) => {
    const { text, headers } = await request(...args);
    answers.push(text, JSON.stringify([...headers]));
  };

  const card = { number: PAN, cvv: CVV, token: CARD_TOKEN, code: SMS_CODE };
  const id = await buy(2);
  await mock.pay(id, { card: { number: PAN, expire: "12/39" } });
  answers.push((await notify(paid(id, 5_000_000, { card }))).text);
  answers.push((await notify(paid(id, 4_000_000, { card }))).text);
  answers.push((await notify(paid("64f8a1b2c3d4e5f6a7b8c9d0", 1, { card }))).text);
  answers.push((await notify({ method: "cards.verify", params: card })).text);
  const { body, headers } = signTestWebhook({ secret: "wrong", body: { ...card, key: KEY } });
  await ask("POST", "/payme/webhook", { token: null, body, headers });
  await ask("POST", "/payme/webhook", { token: null, body: KEY, headers: { "X-Auth-Signature": KEY } });
  await ask("POST", "/payme/create-payment", { body: JSON.stringify(card).slice(1) });
  await ask("POST", "/payme/create-payment", { json: { user_id: card, tariff_id: KEY, amount: userToken } });
  await ask("POST", "/tariffs", { token: adminToken, json: { name: card, price: PAN, duration_days: KEY } });
  await ask("GET", `/payme/statistics?user_id=${encodeURIComponent(KEY)}&token=${userToken}`, { token: adminToken });
  await ask("GET", `/users/me?token=${userToken}&card=${PAN}`);
  await ask("GET", `/payme/check-status/${id}`);
  await ask("POST", `/payme/cancel-payment/${id}`, { token: adminToken });
  await ask("GET", "/users/me", { token: `${userToken}x` });
  for (const page of ["/", "/page.js", "/docs/", "/openapi.json"]) await ask("GET", page);

  const secrets = [KEY, JWT_SECRET, PAN, CVV, SMS_CODE, CARD_TOKEN, userToken, adminToken];
  await storage.transaction(async (tx) => tx.exec("INSERT INTO payme_user (id) VALUES ('canary')"));
  const database = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "latin1"))
    .join("\n");
  expect(database).toContain("canary");
  expect(lines.length).toBeGreaterThan(15);
  expect(findSecrets(lines.join("\n"), secrets)).toEqual([]);
  expect(findSecrets(answers.join("\n"), secrets)).toEqual([]);
  expect(findSecrets(database, secrets)).toEqual([]);
});

it("no planted secret turns up in an event, a story, an incident, an error or a finding of the doctor", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wedy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "wedy.db");
  const storage = sqliteStorage({ file });
  const events: PaymeEvent[] = [];
  const own: string[] = [];
  const write = (...line: unknown[]) => void own.push(JSON.stringify(line));
  const toLog = eventLogger({ info: write, warn: write, error: write });
  const onEvent = (event: PaymeEvent) => {
    events.push(event);
    toLog(event);
  };
  const {
    notify,
    buy,
    mock,
    tariffs,
    adminToken: token,
    request,
    userToken,
  } = await openShop({
    storage,
    key: KEY,
    onEvent,
  });
  const { payments } = tariffs;
  const told: string[] = [];
  const refused = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isPaymeError(error)).toBe(true);
    told.push(String(error), JSON.stringify(error), String(Object(error).hint), String(Object(error).stack));
  };

  const card = { number: PAN, cvv: CVV, token: CARD_TOKEN, code: SMS_CODE };
  const id = await buy(2);
  await mock.pay(id, { card: { number: PAN, expire: "12/39" } });
  await notify(paid(id, 4_000_000, { card, key: KEY }));
  await notify(paid("64f8a1b2c3d4e5f6a7b8c9d0", 1, { card }));
  const charge = { reference: "rent:1", amount: tiyin(5_000_000), token: CARD_TOKEN };
  // Payme's own texts repeat what it was sent.
  const repeated = `key ${KEY}, card ${PAN}`;
  mock.faults.add({ kind: "rpc_error", code: -31622, message: repeated, data: { ...card, key: KEY } });
  await refused(payments.create({ reference: "order:1", amount: tiyin(5_000_000), data: card }));
  await refused(payments.charge(charge));
  await refused(payments.check(id));
  mock.faults.clear();
  mock.faults.add({ kind: "malformed", body: `<html>${repeated}</html>` });
  await refused(payments.create({ reference: "order:2", amount: tiyin(5_000_000) }));
  mock.faults.clear();

  const rows = await payments.incidents.list({ open: false });
  expect(rows.map(({ kind }) => kind)).toEqual(["amount_mismatch", "unknown_transaction"]);
  const failed = events.filter(({ kind }) => kind === "payment.failed");
  expect(failed).toHaveLength(2);
  const ids = [id, ...failed.map((event) => ("paymentId" in event ? String(event.paymentId) : ""))];
  for (const each of ids) {
    told.push(JSON.stringify(await payments.story(each)));
    told.push((await request("GET", `/payme/payments/${each}/story`, { token })).text);
    for (const flags of [[], ["--json"]]) {
      const { out, code } = await cli(["story", each, "--database", `sqlite:${file}`, ...flags], { env: {} });
      expect(code).toBe(0);
      told.push(out);
    }
  }
  told.push(JSON.stringify(rows), (await request("GET", "/payme/incidents", { token })).text);
  told.push(JSON.stringify(await doctor({ storage, payments, only: ["books", "database"] })));
  const env = { PAYME_MERCHANT_ID: mock.merchantId, PAYME_SECRET_KEY: KEY, PAYME_MERCHANT_KEY: KEY, JWT_SECRET };
  for (const flags of [[], ["--json"]]) {
    const { out } = await cli(["doctor", "--offline", "--verbose", "--database", `sqlite:${file}`, ...flags], { env });
    expect(out).toContain("env.key-shape");
    told.push(out);
  }

  const secrets = [KEY, JWT_SECRET, PAN, CVV, SMS_CODE, CARD_TOKEN, userToken, token];
  expect(events.length).toBeGreaterThan(8);
  expect(findSecrets(JSON.stringify(events), secrets)).toEqual([]);
  expect(findSecrets(own.join(), secrets)).toEqual([]);
  expect(told.filter((text) => findSecrets(text, secrets).length > 0)).toEqual([]);
});

it("the token of a saved card, and the key that seals it, turn up nowhere", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wedy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const storage = sqliteStorage({ file: join(folder, "wedy.db") });
  const events: PaymeEvent[] = [];
  const shop = await openShop({ storage, sealKeys: SEAL_KEYS, onEvent: (event) => void events.push(event) });
  const { mock, request, subs, adminToken } = shop;
  const token = await savedCard(shop);
  const told: string[] = [];
  const subscribe = async (path: string, options: Parameters<typeof request>[2]) => {
    const { text, headers } = await request("POST", path, options);
    told.push(text, JSON.stringify([...headers]));
  };
  const json = { token, consent };
  await subscribe("/tariffs/2/subscribe", { token: null, json });
  await subscribe("/tariffs/99/subscribe", { json });
  await subscribe("/tariffs/2/subscribe", { json: { ...json, consent: token.repeat(99) } });
  await subscribe("/tariffs/2/subscribe", { body: JSON.stringify(json).slice(1) });
  // Payme's own text repeats what it was sent.
  const data = { token, key: SEAL_KEYS[0] };
  mock.faults.add({ method: "cards.check", kind: "rpc_error", code: -31400, message: token, data, times: 1 });
  await subscribe("/tariffs/2/subscribe", { json });
  mock.faults.add({ method: "cards.check", kind: "malformed", body: `<html>${token}</html>`, times: 1 });
  await subscribe("/tariffs/2/subscribe", { json });
  mock.faults.add({ method: "cards.check", kind: "rpc_error", code: -32504, message: token, data, times: 1 });
  await subscribe("/tariffs/2/subscribe", { json });
  mock.faults.add({ method: "receipts.pay", kind: "rpc_error", code: -31630, message: `no money ${token}`, times: 1 });
  await subscribe("/tariffs/2/subscribe", { json });
  await subscribe("/tariffs/2/subscribe", { json });
  await subscribe("/tariffs/2/subscribe", { token: adminToken, json });
  told.push(
    (await request("GET", "/users/me/subscription")).text,
    (await request("DELETE", "/users/me/subscription")).text,
  );
  const [subscription] = (await subs?.list({ owner: "user123" })) ?? [];
  expect(subscription).toMatchObject({ state: "ACTIVE", cancelAtEnd: true });
  told.push(JSON.stringify([await subs?.story(subscription?.id ?? ""), await subs?.cards.list("user123")]));
  const scope = { cashbox: "default", mode: "test" } as const;
  told.push(JSON.stringify([events, await storage.listEvents(scope, { limit: 1_000 })]), shop.lines.join("\n"));

  await storage.transaction(async (tx) => tx.exec("INSERT INTO payme_user (id) VALUES ('canary')"));
  const database = readdirSync(folder).map((file) => readFileSync(join(folder, file), "latin1"));
  expect(database.join()).toContain("canary");
  expect(database.join()).toContain(consent.text);
  expect(findSecrets([...told, ...database].join("\n"), [token, ...SEAL_KEYS])).toEqual([]);
});

describe("the log", () => {
  const logged = (write: (logs: ReturnType<typeof openLogs>) => void) => {
    const lines: string[] = [];
    const out = { write: (line: string) => void lines.push(line) };
    write(openLogs({ level: "info", secrets: [KEY, JWT_SECRET], out }));
    return lines.join("");
  };

  it("is one JSON line per event, and payment work is found by grep -i payme", () => {
    const text = logged((logs) => logs.payme.warn("two\nlines", { id: 1 }));
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(text)).toMatchObject({ level: "warn", component: "payme", message: "two\nlines", id: 1 });
  });

  it("hides secrets in every form, whatever wrote them", () => {
    const stack = `Error: ${KEY} in ${encodeURIComponent(KEY)}\n at ${Buffer.from(`a${KEY}`).toString("base64")}`;
    const header = `Basic ${Buffer.from(`Paycom:${JWT_SECRET}`).toString("base64")}`;
    const text = logged((logs) =>
      logs.server.error("failed", { stack, header, card: "8600 1234 5678 9012", note: PAN }),
    );
    expect(findSecrets(text, [KEY, JWT_SECRET, PAN, "8600 1234 5678 9012"])).toEqual([]);
    expect(text).toContain("860012******9012");
  });

  it("hides tokens, and leaves times, amounts and ids as they are", () => {
    const scrub = logScrubber([]);
    const kept = '{"time":1700000000000,"amount":9007199254740900,"id":"64f8a1b2c3d4e5f6a7b8c9d0","price":500000}';
    expect(scrub(kept)).toBe(kept);
    expect(scrub("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl")).toBe("Bearer [hidden]");
  });
});
