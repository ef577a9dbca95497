import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStorage } from "payme-kit/sqlite";
import { signTestWebhook } from "payme-kit/testing";
import { expect, it, onTestFinished } from "vitest";
import { cancelled, openShop, paid, refusal, UZCARD } from "./shop";

const OK = { status: 200, body: { result: "ok" } };

function temporaryStorage() {
  const folder = mkdtempSync(join(tmpdir(), "wedy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return sqliteStorage({ file: join(folder, "wedy.db") });
}

it("a notification that comes 200 times at once activates the tariff once", async () => {
  const { buy, notify, tariffs } = await openShop({ storage: temporaryStorage() });
  const id = await buy(2);
  const answers = await Promise.all(Array.from({ length: 200 }, () => notify(paid(id, 5_000_000))));
  for (const answer of answers) expect(answer).toMatchObject(OK);
  expect((await tariffs.current("user123")).timetable).toHaveLength(1);
  expect((await tariffs.payments.statistics()).paid).toBe(1);
});

it("notifications of paid and of cancelled end the same way, whichever comes first", async () => {
  const { buy, notify, tariffs } = await openShop({ storage: temporaryStorage() });
  for (let round = 0; round < 5; round += 1) {
    const id = await buy(2, { headers: { "Idempotency-Key": `round-${round}` } });
    const sent = [paid(id, 5_000_000), cancelled(id), paid(id, 5_000_000), cancelled(id)];
    for (const answer of await Promise.all(sent.map((body) => notify(body)))) expect(answer).toMatchObject(OK);
    expect((await tariffs.payments.find(id))?.status).toBe("CANCELLED");
  }
  expect((await tariffs.current("user123")).tariff).toBeNull();
});

it("a notification whose money cannot be placed is answered ok and recorded as an incident", async () => {
  const { buy, notify, tariffs } = await openShop();
  const id = await buy(2);
  expect(await notify(paid(id, 4_999_999))).toMatchObject(OK);
  expect((await tariffs.payments.find(id))?.status).toBe("PENDING");
  expect(await tariffs.payments.incidents.list()).toMatchObject([{ kind: "amount_mismatch" }]);
});

it("a notification of an unknown method is answered ok and logged", async () => {
  const { notify, lines } = await openShop();
  expect(await notify({ method: "receipts.hold", params: { id: "x" } })).toMatchObject(OK);
  expect(lines.some((line) => line.includes("unknown method") && line.includes('"component":"payme"'))).toBe(true);
});

it("a notification of an unknown transaction is refused with 404, so that the gateway repeats it", async () => {
  const { notify, tariffs } = await openShop();
  expect(await notify(paid("64f8a1b2c3d4e5f6a7b8c9d0", 5_000_000))).toMatchObject(refusal(404, "WEBHOOK_FAILED"));
  expect(await notify(cancelled("64f8a1b2c3d4e5f6a7b8c9d0"))).toMatchObject(refusal(404, "WEBHOOK_FAILED"));
  expect(await tariffs.payments.incidents.list()).toMatchObject([{ kind: "unknown_transaction" }]);
});

it("a notification is refused for its signature before its body is read", async () => {
  const { request, mock } = await openShop({ limits: { failedAuthentications: 1_000, pages: 10 } });
  const body = JSON.stringify(paid("64f8a1b2c3d4e5f6a7b8c9d0", 5_000_000));
  const { headers } = signTestWebhook({ secret: mock.key, body });
  const right = headers["X-Auth-Signature"];
  const wrong: Record<string, string | undefined> = {
    none: undefined,
    empty: "",
    "of another secret": signTestWebhook({ secret: "another", body }).headers["X-Auth-Signature"],
    cut: right.slice(0, 63),
    longer: `${right}0`,
    "no digits": "z".repeat(64),
    twice: `${right}, ${right}`,
  };
  for (const [name, signature] of Object.entries(wrong)) {
    for (const sent of [body, "no json", ""]) {
      const withSignature = signature === undefined ? {} : { "X-Auth-Signature": signature };
      const answer = await request("POST", "/payme/webhook", { token: null, body: sent, headers: withSignature });
      expect(answer, `${name}: ${sent}`).toMatchObject(refusal(401, "WEBHOOK_FAILED"));
    }
  }
});

it.each([
  ["no JSON", "no json"],
  ["a list", "[]"],
  ["null", "null"],
  ["no method", "{}"],
  ["no params", '{"method":"receipts.pay"}'],
  ["no id", paid("", 5_000_000)],
  ["an id that is a number", paid("x", 5_000_000, { id: 5 })],
  ["an amount that is text", paid("x", 1, { amount: "5000000" })],
  ["a negative amount", paid("x", -1)],
  ["a huge amount", paid("x", 1e300)],
  ["a time that is text", paid("x", 1, { paid_at: "yesterday" })],
  ["a time beyond all calendars", paid("x", 1, { paid_at: 1e300 })],
])("a notification with %s is refused with 400", async (_case, body) => {
  const { notify } = await openShop();
  expect(await notify(body)).toMatchObject(refusal(400, "WEBHOOK_FAILED"));
});

it("a notification that is deeply nested is refused, although its signature is right", async () => {
  const { notify } = await openShop();
  expect(await notify(`${"[".repeat(30_000)}${"]".repeat(30_000)}`)).toMatchObject(refusal(400, "WEBHOOK_FAILED"));
});

it("a notification in broken UTF-8 is refused, although its bytes are rightly signed", async () => {
  const { buy, request, mock, tariffs } = await openShop();
  const id = await buy(2);
  // In latin1 the letter is a byte that no UTF-8 has there; all else is a right notification.
  const body = Buffer.from(JSON.stringify(paid(id, 5_000_000, { note: "é" })), "latin1");
  const headers = { "X-Auth-Signature": createHmac("sha256", mock.key).update(body).digest("hex") };
  const answer = await request("POST", "/payme/webhook", { token: null, body, headers });
  expect(answer).toMatchObject(refusal(400, "WEBHOOK_FAILED"));
  expect((await tariffs.payments.find(id))?.status).toBe("PENDING");
});

it("a notification over 64 KiB is refused with 413", async () => {
  const { notify } = await openShop();
  expect(await notify(" ".repeat(64 * 1024 + 1))).toMatchObject(refusal(413, "VALIDATION_ERROR"));
});

it("a notification whose hook fails is answered with 503, and takes effect when it is repeated", async () => {
  const storage = temporaryStorage();
  const { buy, notify, tariffs } = await openShop({ storage });
  const id = await buy(2);
  await storage.transaction(async (tx) => tx.exec("ALTER TABLE payme_grant RENAME TO payme_grant_away"));
  const failed = await notify(paid(id, 5_000_000));
  expect(failed).toMatchObject(refusal(503, "WEBHOOK_FAILED"));
  expect(failed.text).not.toContain("payme_grant");
  expect(await tariffs.payments.find(id)).toMatchObject({ status: "PENDING", webhookReceivedAt: expect.any(Number) });
  await storage.transaction(async (tx) => tx.exec("ALTER TABLE payme_grant_away RENAME TO payme_grant"));
  expect(await notify(paid(id, 5_000_000))).toMatchObject(OK);
  expect((await tariffs.current("user123")).tariffId).toBe(2);
});

it("a payment whose activation fails is answered by check-status with its status and the incident", async () => {
  const storage = temporaryStorage();
  const { buy, mock, request } = await openShop({ storage });
  const id = await buy(2);
  const status = async (headers = {}) => request("GET", `/payme/check-status/${id}`, { headers });
  expect((await status()).body.data).not.toHaveProperty("incident");
  await mock.pay(id, { card: UZCARD });
  await storage.transaction(async (tx) => tx.exec("ALTER TABLE payme_grant RENAME TO payme_grant_away"));
  const incident = { kind: "effect_failed", since: expect.any(String), message: expect.stringContaining("not pay") };
  for (let time = 0; time < 2; time += 1) {
    expect(await status()).toMatchObject({ status: 200, body: { status: "PENDING", data: { incident } } });
  }
  const inRussian = { message: expect.stringContaining("Не платите") };
  expect((await status({ "accept-language": "ru" })).body).toMatchObject({ data: { incident: inRussian } });
  await storage.transaction(async (tx) => tx.exec("ALTER TABLE payme_grant_away RENAME TO payme_grant"));
  const settled = await status();
  expect(settled.body).toMatchObject({ status: "PAID" });
  expect(settled.body.data).not.toHaveProperty("incident");
});

it("our own receipts.cancel that Payme refused, sent back to us with its signature, cancels nothing", async () => {
  const sent: { method: string; body: string; signature: string }[] = [];
  const {
    request,
    buy,
    mock,
    notify,
    adminToken: token,
    url,
    tariffs,
  } = await openShop({
    fetch: (payme) => async (input, init) => {
      const call = new Request(input, init);
      const body = await call.clone().text();
      const signature = call.headers.get("x-auth")?.split(":").at(-1) ?? "";
      sent.push({ method: JSON.parse(body).method, body, signature });
      return payme.fetch(call);
    },
  });
  const id = await buy(2);
  await mock.pay(id, { card: UZCARD });
  await notify(paid(id, 5_000_000));
  mock.faults.add({ kind: "rpc_error", code: -32400, method: "receipts.cancel" });
  await request("POST", `/payme/cancel-payment/${id}`, { token });
  const cancel = sent.find(({ method }) => method === "receipts.cancel");
  const answer = await fetch(`${url}/payme/webhook`, {
    method: "POST",
    headers: { "X-Auth-Signature": cancel?.signature ?? "" },
    body: cancel?.body ?? "",
  });
  expect(answer.status).toBe(400);
  expect((await tariffs.payments.find(id))?.status).toBe("PAID");
  expect((await tariffs.current("user123")).tariff).toMatchObject({ id: 2 });
});

it("a receipts.pay with a JSON-RPC id, rightly signed, activates nothing that is not paid at Payme", async () => {
  const { buy, mock, notify, tariffs } = await openShop();
  const id = await buy(2);
  const call = { id: 1, ...paid(id, 5_000_000) };
  expect(await notify(call)).toMatchObject(OK);
  expect((await tariffs.payments.find(id))?.status).toBe("PENDING");
  await mock.pay(id, { card: UZCARD });
  expect(await notify(call)).toMatchObject(OK);
  expect((await tariffs.payments.find(id))?.status).toBe("PAID");
});
