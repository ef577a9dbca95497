import { once } from "node:events";
import { createServer } from "node:http";
import { createPayments, memoryStorage, som } from "payme-kit";
import { createTariffs } from "payme-kit/tariffs";
import { describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../examples/express-wedy/src/config";
import { createMessages } from "../../examples/express-wedy/src/messages";
import { type RunningServer, startServer } from "../../examples/express-wedy/src/start-server";
import { consent, savedCard } from "./saved-card";
import { freePort, temporaryFolder } from "./started";

/** The worker looks once a second. */
const PATIENT = { timeout: 10_000 };

/** A receiver of messages that answers with these statuses, then 204. */
async function receiver(...statuses: number[]) {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    bodies.push(JSON.parse(Buffer.concat(pieces).toString()));
    response.writeHead(statuses.shift() ?? 204).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return {
    bodies,
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/told?token=planted-token`,
  };
}

/** Tariffs whose activations are told. */
async function openTariffs(url: string | undefined) {
  const storage = memoryStorage();
  const logged: [string, unknown][] = [];
  const note = (message: string, fields?: unknown) => void logged.push([message, fields]);
  const logger = { info: note, warn: note, error: note };
  const messages = createMessages({ storage, cashbox: undefined, mode: "live", url, logger });
  const payments = createPayments({ storage, payUrl: () => "https://pay.example", logger });
  const tariffs = createTariffs({ payments, onActivated: messages.onActivated });
  const { id: tariffId } = await tariffs.create({ name: "Premium", price: som(50_000), durationDays: 30 });
  const { id: paymentId } = await tariffs.purchase({ userId: "user-1", tariffId });
  onTestFinished(() => messages.outbox.stop());
  return { storage, tariffs, messages, logged, paymentId };
}

async function pay({ storage, tariffs, paymentId }: Awaited<ReturnType<typeof openTariffs>>, paymeId = "receipt-1") {
  const receipt = { transactionId: paymeId, chequeId: "cheque", payUrl: "https://pay.example" };
  await storage.attachReceipt({ cashbox: "default", mode: "live" }, paymentId, { ...receipt, at: 1, nextCheckAt: 1 });
  const report = { paymeId, amount: som(50_000), paidAt: Date.now(), source: "gateway" } as const;
  return tariffs.payments.recordPaid(report);
}

describe("an activated tariff", () => {
  it("is told once, however often the money is reported", async () => {
    const { bodies, url } = await receiver();
    const shop = await openTariffs(url);
    shop.messages.outbox.start();
    await Promise.all(Array.from({ length: 20 }, () => pay(shop)));
    await expect.poll(() => bodies.length, PATIENT).toBe(1);
    await shop.messages.outbox.stop();
    expect(bodies).toEqual([
      {
        id: expect.any(Number),
        kind: "tariff.activated",
        subject: "user:user-1",
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        data: {
          user_id: "user-1",
          payment_id: shop.paymentId,
          bought_tariff_id: 1,
          bought_tariff: "Premium",
          duration_days: 30,
          tariff_id: 1,
          tariff_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        },
      },
    ]);
  });

  it("is told again where the first delivery failed", async () => {
    const { bodies, url } = await receiver(503);
    const shop = await openTariffs(url);
    await pay(shop);
    shop.messages.outbox.start();
    await expect.poll(() => bodies.length, PATIENT).toBe(1);
    await expect.poll(() => shop.logged.map(([message]) => message), PATIENT).toContain("a message was not delivered");
    await shop.messages.outbox.stop();
    const [event] = await shop.storage.listEvents(
      { cashbox: "default", mode: "live" },
      { subject: "user:user-1", limit: 9 },
    );
    expect(event).toMatchObject({ deliveredAt: null, attempts: 1, deliverAt: expect.any(Number) });
  });

  it("is a line of the log where no address is configured", async () => {
    const shop = await openTariffs(undefined);
    await pay(shop);
    shop.messages.outbox.start();
    await expect.poll(() => shop.logged.filter(([message]) => message === "told"), PATIENT).toHaveLength(1);
  });
});

describe("the server", () => {
  async function startDemo(env: Record<string, string>): Promise<RunningServer> {
    const folder = temporaryFolder();
    const server = await startServer(
      readConfig({
        DATABASE_URL: `file:${folder}/wedy.db`,
        PORT: String(await freePort()),
        MOCK_PORT: "0",
        LOG_LEVEL: "silent",
        ...env,
      }),
    );
    onTestFinished(() => server.close());
    return server;
  }

  it("tells MESSAGES_URL of a tariff that was bought and paid", async () => {
    const { bodies, url } = await receiver();
    const { url: shop, demo } = await startDemo({ MESSAGES_URL: url });
    const headers = { Authorization: `Bearer ${await demo?.userToken()}` };
    const bought = await fetch(`${shop}/tariffs/1/purchase`, { method: "POST", headers });
    const { payment_url: payUrl } = Object(await bought.json());
    const card = new URLSearchParams({ number: "8600123456789012", expire: "12/30", cvv: "123", action: "pay" });
    await fetch(payUrl, { method: "POST", body: card });
    await expect.poll(() => bodies, PATIENT).toMatchObject([{ kind: "tariff.activated", data: { tariff_id: 1 } }]);
  });

  it("tells MESSAGES_URL of a renewal by a saved card, without its token", async () => {
    const { bodies, url } = await receiver();
    const { url: shop, demo } = await startDemo({ MESSAGES_URL: url });
    const { apiUrl, merchantId } = demo?.payme ?? {};
    const atPayme = (input: string | URL | Request, init?: RequestInit) =>
      fetch(String(input).replace("https://payme.example", String(apiUrl)), init);
    const token = await savedCard({ mock: { merchantId: String(merchantId), fetch: atPayme } });
    const headers = { Authorization: `Bearer ${await demo?.userToken()}` };
    const body = JSON.stringify({ token, consent });
    expect((await fetch(`${shop}/tariffs/1/subscribe`, { method: "POST", headers, body })).status).toBe(200);
    const data = { owner: "user123", plan: "tariff:1", amount: 5_000_000, number: 1 };
    await expect.poll(() => bodies, PATIENT).toMatchObject([{ kind: "subscription.renewed", data }]);
    expect(JSON.stringify(bodies)).not.toContain(token);
  });

  it.each(["bot.uz/told", "javascript:alert(1)", "http://"])("refuses MESSAGES_URL=%s", (url) => {
    expect(() => readConfig({ MESSAGES_URL: url })).toThrow(/^- MESSAGES_URL must be an http or https address$/m);
  });
});
