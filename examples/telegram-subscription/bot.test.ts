import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { Bot } from "grammy";
import { createPaymeClient, tiyin } from "payme-kit";
import { createMockPayme } from "payme-kit/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openShop, ownerOf, serveCards } from "./bot.js";
import { type Language, say } from "./texts.js";

const TOKEN = "1:token";
const CHAT = 77;
const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 15, 10, 30);
const SOON = { timeout: 10_000 };
const GOOD = { number: "8600495473316478", expire: "0399" };
const EMPTY = { number: "8600777788889999", expire: "0399" };
const SEAL_KEY = Buffer.alloc(32, 1).toString("base64");

// Of a machine that is busy. Vitest gives a test five seconds.
vi.setConfig({ testTimeout: 30_000 });

let file = "";
let time = START;
let telegram: Awaited<ReturnType<typeof playTelegram>>;
let payme: ReturnType<typeof createMockPayme>;
let ends: (() => unknown)[] = [];

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), "shop-"));
  file = join(folder, "shop.db");
  time = START;
  telegram = await playTelegram();
  const cards = [
    { ...GOOD, hasCvv: false },
    { ...EMPTY, hasCvv: false, balance: tiyin(0) },
  ];
  payme = createMockPayme({ now: () => time, cards });
  ends = [telegram.close, () => rmSync(folder, { recursive: true })];
});

afterEach(async () => {
  for (const end of ends) await end();
});

/** Telegram, as far as the bot uses it: what a person writes to the bot, and what it sends. Every process gets every update. */
async function playTelegram() {
  const updates: { update_id: number; message: object }[] = [];
  const sent: string[] = [];
  const buttons: string[] = [];
  const methods: Record<string, (params: Record<string, unknown>) => unknown> = {
    getMe: () => ({ id: 1, is_bot: true, first_name: "Premium", username: "premium_bot" }),
    async getUpdates({ offset }) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return updates.filter(({ update_id }) => update_id >= Number(offset ?? 0));
    },
    sendMessage({ text, reply_markup }) {
      sent.push(String(text));
      if (reply_markup !== undefined) buttons.push(JSON.stringify(reply_markup));
    },
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
    buttons,
    write(text: string, language_code: Language = "en") {
      const id = updates.length + 1;
      const from = { id: CHAT, type: "private", first_name: "Aziz", language_code };
      const entities = [{ type: "bot_command", offset: 0, length: text.length }];
      updates.push({ update_id: id, message: { message_id: id, date: 0, chat: from, from, text, entities } });
    },
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

/** What Telegram's mini app gives the card page, signed as Telegram signs it. */
function initData(id: number, token = TOKEN): string {
  const fields = new URLSearchParams({ auth_date: "1", user: JSON.stringify({ id }) });
  const signed = [...fields].map(([name, value]) => `${name}=${value}`).sort();
  const key = createHmac("sha256", "WebAppData").update(token).digest();
  fields.set("hash", createHmac("sha256", key).update(signed.join("\n")).digest("hex"));
  return String(fields);
}

/** A verified token, as the card page makes it. */
async function tokenOf(card: { number: string; expire: string }): Promise<string> {
  const client = clientOf();
  const { token } = await client.cards.create({ ...card, save: true });
  return (await client.cards.verify({ token, code: "666666" })).token;
}

const clientOf = () =>
  createPaymeClient({ merchantId: payme.merchantId, key: payme.key, mode: "test", fetch: payme.fetch, retries: 0 });

/** A process of the shop. Its worker runs where the test says so. */
async function open() {
  const bot = new Bot(TOKEN, { client: { apiRoot: telegram.url } });
  const shop = await openShop({
    file,
    bot,
    client: clientOf(),
    sealKey: SEAL_KEY,
    url: "https://shop.uz",
    now: () => time,
  });
  // It rejects where it is stopped during a poll.
  bot.start().catch(() => {});
  ends.unshift(async () => {
    await bot.stop();
    await shop.storage.close();
  });
  return shop;
}

const debits = () => payme.movements.filter(({ kind }) => kind === "take").length;
const heard = (text: string) => telegram.sent.filter((each) => each === text).length;
const until = (month: number, language: Language = "en") => ({ until: Date.UTC(2026, month, 15, 10, 30), language });
const thanks = (month: number, language: Language = "en") => say(language, "renewed", until(month));

it("offers the plan with a button for the card, in the language of who writes", async () => {
  await open();
  for (const language of ["uz", "ru", "en"] as const) telegram.write("/start", language);
  await vi.waitFor(() => expect(telegram.sent).toHaveLength(3), SOON);
  for (const language of ["uz", "ru", "en"] as const) {
    expect(telegram.sent).toContain(say(language, "offer", { amount: 5_000_000 }));
  }
  expect(telegram.buttons[1]).toContain("https://shop.uz/card?language=ru");
});

it.each(["uz", "ru", "en"] as const)(
  "charges the first month when the card is there, and thanks once (%s)",
  async (language) => {
    const shop = await open();
    telegram.write("/start", language);
    await vi.waitFor(() => expect(telegram.sent).toHaveLength(1), SOON);
    await shop.saveCard({ initData: initData(CHAT), token: await tokenOf(GOOD), language });
    await shop.worker.runOnce();
    expect(debits()).toBe(1);
    expect(heard(thanks(1, language))).toBe(1);
    telegram.write("/status", language);
    await vi.waitFor(() => expect(heard(say(language, "active", until(1)))).toBe(1), SOON);
  },
);

it("saves no card for another chat: Telegram signs whose page it is", async () => {
  const shop = await open();
  const token = await tokenOf(GOOD);
  const forged = initData(CHAT).replace("77", "78");
  await expect(shop.saveCard({ initData: forged, token })).rejects.toThrow("did not sign");
  await expect(shop.saveCard({ initData: initData(CHAT, "2:other"), token })).rejects.toThrow("did not sign");
  await expect(shop.saveCard({ initData: "", token })).rejects.toThrow("did not sign");
  expect(ownerOf(initData(CHAT), TOKEN)).toBe("77");
  expect(debits()).toBe(0);
});

it("started twice at once charges each month once, and thanks once", async () => {
  const both = [await open(), await open()];
  const token = await tokenOf(GOOD);
  await Promise.all(both.map((shop) => shop.saveCard({ initData: initData(CHAT), token, language: "en" })));
  telegram.write("/subscribe");
  await vi.waitFor(() => expect(debits()).toBe(1), SOON);
  for (let month = 1; month <= 3; month += 1) {
    await Promise.all(both.map((shop) => shop.worker.runOnce()));
    await Promise.all(both.map((shop) => shop.worker.runOnce()));
    expect(heard(thanks(month))).toBe(1);
    expect(debits()).toBe(month);
    time = Date.UTC(2026, month, 15, 10, 31);
  }
});

it("tries a card without money again for a week, tells it each time, and goes on with another card", async () => {
  const shop = await open();
  const good = { initData: initData(CHAT), token: await tokenOf(GOOD), language: "en" };
  telegram.write("/start", "en");
  await vi.waitFor(() => expect(telegram.sent).toHaveLength(1), SOON);
  await shop.saveCard({ ...good, token: await tokenOf(EMPTY) });
  expect(heard(say("en", "declined", { reason: "funds" }))).toBe(1);
  await shop.saveCard(good);
  expect(debits()).toBe(1);
  await shop.saveCard({ ...good, token: await tokenOf(EMPTY) });
  for (let day = 0; day <= 33; day += 1) {
    await shop.worker.runOnce();
    time += DAY;
  }
  expect(heard(say("en", "payment_failed", { reason: "funds" }))).toBeGreaterThanOrEqual(2);
  await shop.saveCard(good);
  await shop.worker.runOnce();
  expect(debits()).toBe(2);
  expect(heard(thanks(2))).toBe(1);
});

it("cancelled ends with what is paid, and charges no more", async () => {
  const shop = await open();
  telegram.write("/cancel");
  await vi.waitFor(() => expect(heard(say("en", "none"))).toBe(1), SOON);
  await shop.saveCard({ initData: initData(CHAT), token: await tokenOf(GOOD), language: "en" });
  telegram.write("/cancel");
  await vi.waitFor(() => expect(heard(say("en", "cancelled", until(1)))).toBe(1), SOON);
  time = Date.UTC(2026, 1, 15, 10, 31);
  await shop.worker.runOnce();
  expect(heard(say("en", "ended"))).toBe(1);
  time += 60 * DAY;
  await shop.worker.runOnce();
  expect(debits()).toBe(1);
});

it("serves a card page that knows the cashbox's id and not its key", async () => {
  const shop = await open();
  const server = await serveCards(shop, { merchantId: payme.merchantId, mode: "test" });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.unshift(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/card`;
  const page = await (await fetch(url)).text();
  expect(page).toContain(payme.merchantId);
  expect(page).not.toContain(payme.key);
  const post = (body: object) => fetch(url, { method: "POST", body: JSON.stringify(body) });
  expect((await post({ initData: "forged", token: "t" })).status).toBe(400);
  expect((await post({ initData: initData(CHAT), token: await tokenOf(GOOD), language: "en" })).status).toBe(200);
  expect(debits()).toBe(1);
});
