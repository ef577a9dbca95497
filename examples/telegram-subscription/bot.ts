import { createHmac, timingSafeEqual } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { Bot, type Context, InlineKeyboard } from "grammy";
import { createOutbox, createPaymeClient, createPayments, createWorker, type PaymeClient, som } from "payme-kit";
import { sqliteStorage } from "payme-kit/sqlite";
import { aesSeal, createSubscriptions, type SubscriptionOutcome } from "payme-kit/subscriptions";
import { type Language, languageOf, say, sayMessage } from "./texts.js";

const PRICE = som(50_000);
const PLAN = { plan: "premium", amount: PRICE, every: { months: 1 }, description: "Premium" } as const;
const VERSION = "2026-01";
type Person = { language: Language };
type Settings = { file: string; bot: Bot; client: PaymeClient; sealKey: string; url: string; now?: () => number };

/** Opens the shop: what the bot answers, the subscriptions, the card page, and the work beside. Nothing runs yet. */
export async function openShop({ file, bot, client, sealKey, url, now }: Settings) {
  const storage = sqliteStorage({ file });
  const payments = createPayments({ storage, client, now });
  const subs = createSubscriptions({ payments, seal: aesSeal([sealKey]) });
  await subs.migrate();
  const columns = "chat TEXT PRIMARY KEY, language TEXT NOT NULL";
  await storage.transaction(async (tx) => tx.exec(`CREATE TABLE IF NOT EXISTS people (${columns})`));

  const languageIn = async (chat: string) =>
    (await storage.read(async (tx) => tx.prepare<Person>("SELECT language FROM people WHERE chat = ?").get(chat)))
      ?.language ?? "uz";

  // What happened to a subscription was committed with it: each is told at least once, in order.
  const outbox = createOutbox({
    storage,
    mode: client.mode,
    now,
    async deliver(message) {
      const { owner } = Object(message.data);
      const text = sayMessage(await languageIn(owner), message);
      if (text !== undefined) await bot.api.sendMessage(owner, text);
    },
  });

  /** A person's language is kept for what comes later. */
  async function remember(owner: string, code: string | undefined): Promise<{ owner: string; language: Language }> {
    const language = languageOf(code);
    const upsert = "INSERT INTO people VALUES (?, ?) ON CONFLICT (chat) DO UPDATE SET language = excluded.language";
    await storage.transaction(async (tx) => tx.prepare(upsert).run(owner, language));
    return { owner, language };
  }
  const person = (context: Context) => remember(String(context.chat?.id), context.from?.language_code);

  /** `renewed` is told by the outbox: the answer to a command says only what it does not. */
  function tell(language: Language, { outcome, reason }: SubscriptionOutcome): string | undefined {
    if (outcome === "declined") return say(language, "declined", { reason });
    return outcome === "unknown" || outcome === "waiting" ? say(language, "waiting") : undefined;
  }

  const cardButton = (language: Language) =>
    new InlineKeyboard().webApp(say(language, "addCard"), `${url}/card?language=${language}`);

  bot.catch(({ error }) => console.error("an update was not answered", String(error)));

  bot.command(["start", "subscribe"], async (context) => {
    const { owner, language } = await person(context);
    const card = (await subs.cards.list(owner)).find(({ state }) => state === "ATTACHED");
    if (card === undefined) {
      await context.reply(say(language, "offer", { amount: PRICE }), { reply_markup: cardButton(language) });
      return;
    }
    const text = tell(language, await subs.create({ ...PLAN, owner, card: card.id }));
    if (text !== undefined) await context.reply(text);
  });

  bot.command("card", async (context) => {
    const { language } = await person(context);
    await context.reply(say(language, "addCard"), { reply_markup: cardButton(language) });
  });

  bot.command("status", async (context) => {
    const { owner, language } = await person(context);
    const { active, until } = await subs.access({ owner, plan: PLAN.plan });
    await context.reply(active ? say(language, "active", { until: until ?? Date.now() }) : say(language, "none"));
  });

  const liveOf = async (owner: string) =>
    (await subs.list({ owner, plan: PLAN.plan })).find(({ state }) => state !== "ENDED");

  bot.command("cancel", async (context) => {
    const { owner, language } = await person(context);
    const live = await liveOf(owner);
    const ended = live && (await subs.cancel(live.id)).subscription;
    await context.reply(ended ? say(language, "cancelled", { until: ended.accessUntil }) : say(language, "none"));
  });

  bot.command("agree", async (context) => {
    const { owner, language } = await person(context);
    const live = await liveOf(owner);
    const agreed = live && (await subs.consent(live.id, live.change?.amount ?? live.amount));
    await context.reply((agreed && tell(language, agreed)) ?? say(language, agreed ? "waiting" : "none"));
  });

  /** The card page has made a token: it is saved, and what waits for a card is charged. */
  async function saveCard({ initData, token, language: code }: Record<string, unknown>): Promise<void> {
    const { owner, language } = await remember(ownerOf(String(initData), bot.token), String(code));
    const consent = { text: say(language, "consent", { amount: PRICE }), version: VERSION };
    const { id: card } = await subs.cards.attach({ owner, token: String(token), consent });
    const live = await liveOf(owner);
    const outcome = await (live ? subs.changeCard(live.id, card) : subs.create({ ...PLAN, owner, card }));
    const text = tell(language, outcome);
    if (text !== undefined) await bot.api.sendMessage(owner, text);
  }

  const worker = createWorker({ payments, subscriptions: subs, outbox, now });
  return { storage, payments, subs, outbox, worker, saveCard };
}

/** The chat that Telegram's mini app is open for. Telegram signs it: anybody else could add a card to it. */
export function ownerOf(initData: string, botToken: string): string {
  const fields = new URLSearchParams(initData);
  const hash = Buffer.from(fields.get("hash") ?? "", "hex");
  fields.delete("hash");
  const signed = [...fields].map(([name, value]) => `${name}=${value}`).sort();
  const key = createHmac("sha256", "WebAppData").update(botToken).digest();
  const wanted = createHmac("sha256", key).update(signed.join("\n")).digest();
  if (hash.length !== wanted.length || !timingSafeEqual(hash, wanted)) throw new Error("Telegram did not sign this");
  return String(JSON.parse(fields.get("user") ?? "{}").id);
}

/** Serves the card page. The card's number goes from it straight to Payme: this server gets the token. */
export async function serveCards(shop: Pick<Awaited<ReturnType<typeof openShop>>, "saveCard">, settings: object) {
  const define = { SETTINGS: JSON.stringify(settings) };
  const bundled = await build({
    entryPoints: [fileURLToPath(new URL("card.js", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    define,
  });
  const script = bundled.outputFiles[0]?.text ?? "";
  const page = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <script src="https://telegram.org/js/telegram-web-app.js"></script><main></main><script type="module">${script}</script>`;
  return createServer(async (request, response) => {
    if (request.method !== "POST") return response.setHeader("Content-Type", "text/html").end(page);
    try {
      await shop.saveCard(Object(await json(request)));
      response.end("{}");
    } catch (error) {
      console.error("a card was not saved", error instanceof Error ? error.message : "");
      response.writeHead(400).end("{}");
    }
  });
}

/** Plays Payme on this machine, where no cashbox is set: no money moves. */
async function playPayme() {
  const { createMockPayme } = await import("payme-kit/testing");
  const mock = createMockPayme();
  const { url } = await mock.listen();
  return { merchantId: mock.merchantId, key: mock.key, apiUrl: `${url}/api`, mode: "test" as const };
}

async function start(env: NodeJS.ProcessEnv) {
  const { TELEGRAM_TOKEN = "", TELEGRAM_URL: apiRoot = "https://api.telegram.org", PORT = "3000" } = env;
  const { PAYME_MERCHANT_ID: merchantId, PAYME_KEY: key = "", PAYME_API_URL: apiUrl, SHOP_FILE, SEAL_KEY } = env;
  const bot = new Bot(TELEGRAM_TOKEN, { client: { apiRoot, timeoutSeconds: 25 } });
  const payme = merchantId ? { merchantId, key, mode: "live" as const, apiUrl } : await playPayme();
  const client = createPaymeClient({ ...payme, auth: "key" });
  // Without a key the cards of this run are of no use to the next one: so is the mock's Payme.
  const sealKey = SEAL_KEY || Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
  const url = env.PUBLIC_URL ?? `http://127.0.0.1:${PORT}`;
  const shop = await openShop({ file: merchantId ? (SHOP_FILE ?? "shop.db") : ":memory:", bot, client, sealKey, url });
  const { key: _secret, ...open } = payme;
  (await serveCards(shop, open)).listen(Number(PORT), "127.0.0.1");
  shop.worker.start();
  process.once("SIGTERM", () => Promise.all([bot.stop(), shop.worker.stop()]).then(() => process.exit()));
  await bot.start({ timeout: 20, onStart: ({ username }) => console.log(`Write to https://t.me/${username}`) });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (existsSync(".env")) process.loadEnvFile(); // what the environment has already wins
  const isSet =
    Boolean(process.env.TELEGRAM_TOKEN) && (!process.env.PAYME_MERCHANT_ID || Boolean(process.env.SEAL_KEY));
  if (isSet) await start(process.env);
  else
    console.error(
      "Set TELEGRAM_TOKEN to the token of @BotFather, and beside PAYME_MERCHANT_ID set SEAL_KEY: openssl rand -base64 32",
    );
  process.exitCode = isSet ? 0 : 1;
}
