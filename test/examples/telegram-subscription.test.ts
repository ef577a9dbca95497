import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { createMockPayme } from "../../src/entry/testing";
import { verifiedToken } from "../mock/kit";
import { freePort } from "../wedy/started";

const SHOP = fileURLToPath(new URL("../../examples/telegram-subscription/bot.ts", import.meta.url));
const CHAT = 77;
const WAIT = { timeout: 60_000 };
/** Sets the clock of a process eight minutes forward: the lease of an attempt that died is over. */
const LATER = "data:text/javascript,const now = Date.now; Date.now = () => now() + 480_000;";

/** Telegram: it keeps what the bot says. */
async function playTelegram() {
  const texts: string[] = [];
  const server = createServer(async (request, response) => {
    const method = request.url?.split("/").at(-1);
    const params = request.headers["content-type"] === undefined ? {} : Object(await json(request));
    if (method === "getUpdates") await new Promise((resolve) => setTimeout(resolve, 50));
    if (method === "sendMessage") texts.push(String(params.text));
    const me = { id: 1, is_bot: true, first_name: "Premium", username: "premium_bot" };
    const results: Record<string, unknown> = { getMe: me, getUpdates: [] };
    response.end(JSON.stringify({ ok: true, result: results[method ?? ""] ?? true }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  return { texts, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}

function start(env: Record<string, string>, ...flags: string[]) {
  const child = spawn(process.execPath, [...flags, "--import", "tsx", SHOP], { env: { ...process.env, ...env } });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => said.push(String(text)));
  const exited = once(child, "exit");
  onTestFinished(() => void (child.exitCode ?? child.signalCode ?? child.kill("SIGKILL")));
  return {
    said: () => said.join(""),
    exited,
    async kill(signal: NodeJS.Signals) {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}

/** The card page's request, as Telegram signs whose page it is. */
function savedCard(token: string): string {
  const user = JSON.stringify({ id: CHAT });
  const key = createHmac("sha256", "WebAppData").update("1:x").digest();
  const hash = createHmac("sha256", key).update(`user=${user}`).digest("hex");
  return JSON.stringify({ initData: String(new URLSearchParams({ user, hash })), token, language: "en" });
}

it("ends with 1 and says what to set where something is missing", async () => {
  const { TELEGRAM_TOKEN: _, ...none } = process.env;
  expect(none.TELEGRAM_TOKEN).toBeUndefined();
  const shop = start({ TELEGRAM_TOKEN: "" });
  expect((await shop.exited)[0]).toBe(1);
  expect(shop.said()).toContain("Set TELEGRAM_TOKEN");
});

it("started twice at once and killed while it charges: one charge, one thank-you", async () => {
  const folder = mkdtempSync(join(tmpdir(), "telegram-subscription-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const telegram = await playTelegram();
  const mock = createMockPayme();
  const server = await mock.listen();
  onTestFinished(() => server.close());
  const ports = [String(await freePort()), String(await freePort())];
  const env = (port = "") => ({
    TELEGRAM_TOKEN: "1:x",
    TELEGRAM_URL: telegram.url,
    PORT: port,
    PAYME_MERCHANT_ID: mock.merchantId,
    PAYME_KEY: mock.key,
    PAYME_API_URL: `${server.url}/api`,
    SHOP_FILE: join(folder, "shop.db"),
    SEAL_KEY: Buffer.alloc(32, 1).toString("base64"),
  });
  const both = ports.map((port) => start(env(port)));
  for (const shop of both) await vi.waitFor(() => expect(shop.said()).toContain("premium_bot"), WAIT);

  // The money is taken, and no answer comes: both processes die with the charge in the middle.
  mock.faults.add({ method: "receipts.pay", kind: "drop_after", delayMs: 20_000, times: 1 });
  const body = savedCard(await verifiedToken(mock));
  const posts = ports.map((port) => fetch(`http://127.0.0.1:${port}/card`, { method: "POST", body }).catch(() => {}));
  await vi.waitFor(() => expect(mock.movements).toHaveLength(1), WAIT);
  for (const shop of both) await shop.kill("SIGKILL");
  await Promise.all(posts);
  expect(telegram.texts.filter((text) => text.startsWith("Your payment is here"))).toEqual([]);

  const again = ports.map((port) => start(env(port), "--import", LATER));
  await vi.waitFor(() => expect(telegram.texts).toContainEqual(expect.stringMatching(/^Your payment is here/)), WAIT);
  for (const shop of again) await shop.kill("SIGTERM");
  expect(mock.movements.map(({ kind }) => kind)).toEqual(["take"]);
  expect(telegram.texts.filter((text) => text.startsWith("Your payment is here"))).toHaveLength(1);
}, 120_000);
