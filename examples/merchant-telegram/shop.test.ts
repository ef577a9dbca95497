import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { Bot } from "grammy";
import { fetchMerchant } from "payme-kit/fetch";
import { createMockPayme } from "payme-kit/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openShop } from "./shop.js";

const KEY = "a key as long as those of Payme: 36.";
const CHAT = 77;
const ORDER = { account: { order_id: 1 }, amount: 5_000_000 };
const THANKS = "Order 1 is paid. Thank you!";
const SOON = { timeout: 10_000 };

// Of a machine that is busy. Vitest gives a test five seconds.
vi.setConfig({ testTimeout: 30_000 });

let file = "";
let telegram: Awaited<ReturnType<typeof playTelegram>>;
let ends: (() => unknown)[] = [];

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), "shop-"));
  file = join(folder, "shop.db");
  telegram = await playTelegram();
  ends = [telegram.close, () => rmSync(folder, { recursive: true })];
});

afterEach(async () => {
  for (const end of ends) await end();
});

/** Telegram, as far as the bot uses it: what people write to the bot, and what it sends. */
async function playTelegram() {
  const updates: { update_id: number; message: object }[] = [];
  const sent: { text: string; [field: string]: unknown }[] = [];
  const methods: Record<string, (params: Record<string, unknown>) => unknown> = {
    getMe: () => ({ id: 1, is_bot: true, first_name: "Tea", username: "tea_shop_bot" }),
    async getUpdates({ offset }) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return updates.filter(({ update_id }) => update_id >= Number(offset ?? 0));
    },
    sendMessage: ({ text, ...rest }) => sent.push({ text: String(text), ...rest }),
  };
  const server = createServer(async (request, response) => {
    const params = request.headers["content-type"] === undefined ? {} : await json(request);
    const method = methods[request.url?.split("/").at(-1) ?? ""];
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ok: true, result: (await method?.(Object(params))) ?? true }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    sent,
    thanks: () => sent.filter(({ text }) => text === THANKS).length,
    write(text: string) {
      const id = updates.length + 1;
      const from = { id: CHAT, type: "private", first_name: "Aziz" };
      const entities = [{ type: "bot_command", offset: 0, length: text.length }];
      updates.push({ update_id: id, message: { message_id: id, date: 0, chat: from, from, text, entities } });
    },
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

/** A process of the shop, with Payme that calls it. Until `start` it delivers nothing. */
async function open() {
  const bot = new Bot("1:token", { client: { apiRoot: telegram.url } });
  const shop = await openShop({ file, bot, merchantId: "65a0b0000000000000000001", key: KEY });
  let stop = async () => {};
  const close = async () => {
    await stop();
    await shop.storage.close();
  };
  ends.unshift(close);
  return {
    ...shop,
    payme: createMockPayme().merchant({ fetch: fetchMerchant(shop.merchant), key: KEY }),
    start() {
      void bot.start();
      shop.outbox.start();
      stop = async () => void (await Promise.all([bot.stop(), shop.outbox.stop()]));
    },
    order: () => shop.storage.transaction(async (tx) => tx.prepare("SELECT status, paid_by FROM orders").get()),
    /** The process ends. Started, it delivers first what is due. */
    async end({ delivers = true } = {}) {
      while (delivers && (await shop.outbox.runOnce()).claimed > 0);
      ends.splice(ends.indexOf(close), 1);
      await close();
    },
  };
}

/** A shop whose bot has sold order 1. */
async function openWithOrder() {
  const shop = await open();
  shop.start();
  telegram.write("/buy");
  await vi.waitFor(() => expect(telegram.sent).toHaveLength(1), SOON);
  return shop;
}

it("sends a checkout link for the order", async () => {
  await openWithOrder();
  const [message] = telegram.sent;
  expect(message).toMatchObject({ chat_id: CHAT, text: expect.stringMatching(/^Order 1: .+, 50\s000 so'm\.$/) });
  const link = /https:\/\/checkout\.paycom\.uz\/([\w=]+)/.exec(JSON.stringify(message))?.[1] ?? "";
  expect(Buffer.from(link, "base64").toString()).toContain(";ac.order_id=1;a=5000000;");
});

it("is paid once and thanks once, however often and at once Payme performs", async () => {
  const shop = await openWithOrder();
  const { id } = await shop.payme.create(ORDER);
  const answers = await Promise.all(Array.from({ length: 8 }, () => shop.payme.perform(id)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ outcome: "result", result: { state: 2 } });
  expect(await shop.order()).toEqual({ status: "paid", paid_by: "payme" });
  await vi.waitFor(() => expect(telegram.thanks()).toBe(1), SOON);
  expect(shop.payme.disagreements).toEqual([]);
  await shop.end();
  expect(telegram.sent.map(({ text }) => text)).toEqual([expect.stringContaining("Order 1:"), THANKS]);
});

it("is paid by one of two payers, and refused to the other", async () => {
  const shop = await openWithOrder();
  const ends = await Promise.all([shop.payme.pay(ORDER), shop.payme.pay(ORDER)]);
  expect(ends.map(({ outcome }) => outcome).sort()).toEqual(["paid", "refused"]);
  await vi.waitFor(() => expect(telegram.thanks()).toBe(1), SOON);
  await shop.end();
  expect(telegram.thanks()).toBe(1);
});

it.each([
  ["Click pays", "paid", "click"],
  ["the shop withdraws", "withdrawn", null],
])("that %s between Create and Perform stays so: -31008, an incident, no thanks", async (_case, status, by) => {
  const shop = await openWithOrder();
  const { id } = await shop.payme.create(ORDER);
  const change = "UPDATE orders SET status = ?, paid_by = ? WHERE id = 1 AND status = 'new'";
  await shop.storage.transaction(async (tx) => tx.prepare(change).run(status, by));
  expect(await shop.payme.perform(id)).toMatchObject({ outcome: "refused", code: -31008 });
  expect(await shop.order()).toEqual({ status, paid_by: by });
  const scope = { cashbox: "default", mode: "live" } as const;
  const incidents = await shop.storage.listEvents(scope, { kinds: ["paid_elsewhere"], limit: 10 });
  expect(incidents).toMatchObject([{ paymeId: id, resolvedAt: null }]);
  await shop.end();
  expect(telegram.thanks()).toBe(0);
});

it("is taken back by a refund, and the buyer hears of it after the thanks", async () => {
  const shop = await openWithOrder();
  const { transaction } = await shop.payme.pay(ORDER).then((paid) => ({ transaction: undefined, ...paid }));
  expect(await shop.payme.cancel(transaction?.id ?? "")).toMatchObject({ result: { state: -2 } });
  expect(await shop.order()).toEqual({ status: "refunded", paid_by: "payme" });
  await vi.waitFor(() => expect(telegram.sent).toHaveLength(3), SOON);
  expect(telegram.sent.map(({ text }) => text).slice(1)).toEqual([THANKS, "The money for order 1 goes back to you."]);
});

it("thanks after a crash between the commit and the delivery", async () => {
  await (await openWithOrder()).end();
  const crashing = await open();
  expect(await crashing.payme.pay(ORDER)).toMatchObject({ outcome: "paid" });
  await crashing.end({ delivers: false });
  expect(telegram.thanks()).toBe(0);

  const restarted = await open();
  restarted.start();
  await vi.waitFor(() => expect(telegram.thanks()).toBe(1), SOON);
  await restarted.end();
  expect(telegram.thanks()).toBe(1);
});
