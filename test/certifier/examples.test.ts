import { once } from "node:events";
import { createServer } from "node:http";
import { Bot } from "grammy";
import { som } from "payme-kit";
import { fetchMerchant } from "payme-kit/fetch";
import type { sqliteStorage } from "payme-kit/sqlite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openShop as openExpress } from "../../examples/merchant-express/shop";
import { openShop as openHono } from "../../examples/merchant-hono/shop";
import { openShop as openTelegram } from "../../examples/merchant-telegram/shop";
import type { CertifiedEndpoint } from "../../src/tools/certifier/endpoint";
import { databaseUrl, describeOnPostgres, newSchema } from "../postgres/database";
import { type AdapterOptions, adapters, type OpenedAdapter } from "../storage/postgres-adapters";
import { idsOf, KEY, paymentShop } from "./shops";

const CASHBOX = { file: ":memory:", merchantId: "587f72c72cac0d162c722ae2", key: KEY };
const CLEAN = { failed: [], warned: [] };

type Storage = ReturnType<typeof sqliteStorage>;

/** Certifies a shop with orders of 50 000 som, which `insert` makes. The shop's clock is the machine's. */
async function certified(storage: Storage, api: CertifiedEndpoint, insert: string) {
  const get = (sql: string, id?: unknown) =>
    storage.transaction(async (tx) => Object(tx.prepare(sql).get(...(id === undefined ? [] : [id]))));
  const { failed, warned } = await idsOf({
    api,
    key: KEY,
    newOrder: async () => ({ account: { order_id: String((await get(insert)).id) }, amount: som(50_000) }),
    credited: async ({ account: { order_id } }) =>
      (await get("SELECT status FROM orders WHERE id = ?", order_id)).status === "paid" ? 1 : 0,
  });
  await storage.close();
  return { failed, warned };
}

describe.concurrent("an example passes", () => {
  // Their shops log each call that they refuse.
  beforeAll(() => void vi.spyOn(console, "error").mockReturnValue());
  afterAll(() => void vi.restoreAllMocks());

  it("on Express", async ({ expect }) => {
    const { app, storage } = await openExpress({ ...CASHBOX, url: "https://shop.example" });
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const insert = "INSERT INTO orders (total) VALUES (5000000) RETURNING id";
    expect(await certified(storage, `http://127.0.0.1:${port}/payme`, insert)).toEqual(CLEAN);
    server.closeAllConnections();
    server.close();
  });

  it("on Hono", async ({ expect }) => {
    const { app, storage } = await openHono({ ...CASHBOX, url: "https://shop.example" });
    const api = async (request: Request) => app.fetch(new Request("http://localhost/payme", request));
    const insert = "INSERT INTO orders (som) VALUES (50000) RETURNING id";
    expect(await certified(storage, api, insert)).toEqual(CLEAN);
  });

  it("of a Telegram bot", async ({ expect }) => {
    const { merchant, storage } = await openTelegram({ ...CASHBOX, bot: new Bot("1:a-token-that-is-not-used") });
    const insert = "INSERT INTO orders (chat, total, status) VALUES (7, 5000000, 'new') RETURNING id";
    expect(await certified(storage, fetchMerchant(merchant), insert)).toEqual(CLEAN);
  });
});

/** Payments of ours in a database. */
async function paymentsPass<Tx>(open: (options: AdapterOptions) => Promise<OpenedAdapter<Tx>>): Promise<void> {
  const adapter = await open({ url: await databaseUrl(), schema: newSchema() });
  onTestFinished(async () => void (await adapter.close()));
  const { merchant, ...shop } = await paymentShop(adapter.storage);
  const { failed, warned } = await idsOf({ api: fetchMerchant(merchant), key: KEY, ...shop });
  expect({ failed, warned }).toEqual(CLEAN);
}

describeOnPostgres("payments in PostgreSQL pass", () => {
  it("through pg", () => paymentsPass(adapters.pg));
  it("through Drizzle", () => paymentsPass(adapters.drizzle));
  it("through Kysely", () => paymentsPass(adapters.kysely));
  it("through Prisma", () => paymentsPass(adapters.prisma));
  it("through TypeORM", () => paymentsPass(adapters.typeorm));
});
