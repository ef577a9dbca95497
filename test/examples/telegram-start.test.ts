import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { createMockPayme } from "../../src/entry/testing";
import { freePort } from "../wedy/started";

const KEY = "the-key-of-an-example-0123456789abcd";
const ORDER = { account: { order_id: 1 }, amount: 5_000_000 };
const THANKS = "Order 1 is paid. Thank you!";
const SHOP = fileURLToPath(new URL("../../examples/merchant-telegram/shop.ts", import.meta.url));
/** Sets the clock of a process two minutes forward: the lease of one that died is over. */
const LATER = "data:text/javascript,const now = Date.now; Date.now = () => now() + 120_000;";
const WAIT = { timeout: 20_000 };

/** Telegram with one chat, in which somebody has written `/buy`. While `hangs`, thanks get no answer. */
async function playTelegram() {
  const texts: string[] = [];
  const messages: string[] = [];
  const waiting: ServerResponse[] = [];
  const state = { hangs: false, isRead: false };
  const from = { id: 77, type: "private", first_name: "Aziz" };
  const entities = [{ type: "bot_command", offset: 0, length: 4 }];
  const buy = { update_id: 1, message: { message_id: 1, date: 0, chat: from, from, text: "/buy", entities } };
  const server = createServer(async (request, response) => {
    const method = request.url?.split("/").at(-1);
    const params = request.headers["content-type"] === undefined ? {} : Object(await json(request));
    if (method === "getUpdates") await new Promise((resolve) => setTimeout(resolve, 20));
    if (method === "sendMessage") {
      texts.push(String(params.text));
      messages.push(JSON.stringify(params));
      if (state.hangs && params.text === THANKS) return void waiting.push(response);
    }
    const me = { id: 1, is_bot: true, first_name: "Tea", username: "tea_shop_bot" };
    const results: Record<string, unknown> = { getMe: me, getUpdates: state.isRead ? [] : [buy] };
    if (method === "getUpdates") state.isRead = true;
    response.end(JSON.stringify({ ok: true, result: results[method ?? ""] ?? true }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  return { state, texts, messages, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}

/** Starts the shop's source, as `npm start` does. */
function start(env: Record<string, string>, ...flags: string[]) {
  const { TELEGRAM_TOKEN: _, PAYME_MERCHANT_ID: __, ...own } = process.env;
  const child = spawn(process.execPath, [...flags, "--import", "tsx", SHOP], { env: { ...own, ...env } });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => said.push(String(text)));
  const exited = once(child, "exit");
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return (await exited)[0];
  };
  onTestFinished(() => void (child.exitCode ?? child.signalCode ?? child.kill("SIGKILL")));
  return { exited, end, said: () => said.join("") };
}

it("ends with 1 and says how to get a token where there is none", async () => {
  const shop = start({});
  expect((await shop.exited)[0]).toBe(1);
  expect(shop.said()).toMatch(/^Set TELEGRAM_TOKEN to the token that @BotFather .+\n$/);
});

it("with a token alone sells through a mock on this machine, and ends when it is told to", async () => {
  const telegram = await playTelegram();
  const shop = start({ TELEGRAM_TOKEN: "1:x", TELEGRAM_URL: telegram.url, PORT: String(await freePort()) });
  await vi.waitFor(() => expect(telegram.messages).toHaveLength(1), WAIT);
  expect(shop.said()).toContain("https://t.me/tea_shop_bot");
  const [link = ""] = /http:\/\/127\.0\.0\.1:[^"]+/.exec(telegram.messages[0] ?? "") ?? [];
  const page = await fetch(link);
  expect(page.status).toBe(200);
  const card = { number: "8600 4954 7331 6478", expire: "03/99", action: "pay" };
  expect((await fetch(page.url, { method: "POST", body: new URLSearchParams(card) })).status).toBe(200);
  await vi.waitFor(() => expect(telegram.texts).toEqual([expect.stringContaining("Order 1:"), THANKS]), WAIT);
  expect(await shop.end("SIGTERM")).toBe(0);
});

it("killed amid the delivery, thanks again after its restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "telegram-start-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const telegram = await playTelegram();
  const port = String(await freePort());
  const cashbox = { PAYME_MERCHANT_ID: "shop", PAYME_MERCHANT_KEY: KEY, SHOP_FILE: join(folder, "shop.db") };
  const env = { ...cashbox, TELEGRAM_TOKEN: "1:x", TELEGRAM_URL: telegram.url, PORT: port };
  const payme = createMockPayme().merchant({ endpoint: `http://127.0.0.1:${port}/payme`, key: KEY });

  const dying = start(env);
  await vi.waitFor(() => expect(telegram.texts).toHaveLength(1), WAIT);
  telegram.state.hangs = true;
  expect(await payme.pay(ORDER)).toMatchObject({ outcome: "paid" });
  await vi.waitFor(() => expect(telegram.texts).toHaveLength(2), WAIT);
  await dying.end("SIGKILL");

  telegram.state.hangs = false;
  const restarted = start(env, "--import", LATER);
  await vi.waitFor(() => expect(telegram.texts.slice(1)).toEqual([THANKS, THANKS]), WAIT);
  expect(await payme.compare()).toEqual([]);
  await restarted.end("SIGTERM");
  expect(telegram.texts.slice(1)).toEqual([THANKS, THANKS]);
});
