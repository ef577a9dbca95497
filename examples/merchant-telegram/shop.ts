import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { Bot, InlineKeyboard } from "grammy";
import { checkoutUrl, createMerchantApi, createOutbox, createWorker, formatSom, refuse, som, tiyin } from "payme-kit";
import { nodeMerchant } from "payme-kit/node";
import { type SqliteHandle, sqliteStorage } from "payme-kit/sqlite";

const PRICE = som(50_000);
const COLUMNS = "id INTEGER PRIMARY KEY, chat INTEGER, total INTEGER, status TEXT, paid_by TEXT";
type Order = { id: number; chat: number; total: number; status: string };

type Settings = { file: string; bot: Bot; merchantId: string; key: string; checkoutHost?: string };

/** Opens the shop: what the bot answers, the outbox, and the endpoint that Payme calls. Nothing runs yet. */
export async function openShop({ file, bot, merchantId, key, checkoutHost }: Settings) {
  const storage = sqliteStorage({ file });
  await storage.migrate();
  await storage.transaction(async (tx) => tx.exec(`CREATE TABLE IF NOT EXISTS orders (${COLUMNS})`));

  bot.catch(({ error }) => console.error("an update was not answered", String(error)));

  bot.command(["start", "buy"], async (context) => {
    const insert = "INSERT INTO orders (chat, total, status) VALUES (?, ?, 'new') RETURNING *";
    const order = await storage.transaction(async (tx) => tx.prepare<Order>(insert).get(context.chat.id, PRICE));
    if (order === undefined) throw new Error("the order was not written");
    const returnUrl = `https://t.me/${context.me.username}`;
    const amount = tiyin(order.total);
    const url = checkoutUrl({ merchantId, account: { order_id: order.id }, amount, returnUrl, host: checkoutHost });
    await context.reply(`Order ${order.id}: a box of tea, ${formatSom(amount)} so'm.`, {
      reply_markup: new InlineKeyboard().url("Pay with Payme", url),
    });
  });

  // The subject is the chat: its messages are delivered in order, at least once. A throw means "not delivered".
  const outbox = createOutbox({ storage, deliver: ({ subject, data }) => bot.api.sendMessage(subject, String(data)) });

  // Guarded: where the order is not `from` or not Payme's any more, nothing changes, nobody is told, and the answer is false.
  async function move(id: number, from: string, to: string, text: string, tx: SqliteHandle): Promise<boolean> {
    const guard = "id = ? AND status = ? AND ifnull(paid_by, 'payme') = 'payme'";
    const update = `UPDATE orders SET status = ?, paid_by = 'payme' WHERE ${guard} RETURNING *`;
    const order = tx.prepare<Order>(update).get(to, id, from);
    if (order === undefined) return false;
    await outbox.add({ kind: `order.${to}`, subject: String(order.chat), data: text }, tx);
    return true;
  }

  const merchant = createMerchantApi({
    storage,
    key,
    account: { order_id: "integer" },
    find({ order_id }, tx) {
      const order = tx.prepare<Order>("SELECT * FROM orders WHERE id = ?").get(order_id);
      if (order === undefined) return refuse.notFound("order_id");
      if (order.status !== "new") return refuse.unavailable("order_id");
      return { reference: order.id, amount: tiyin(order.total) };
    },
    onPaid: ({ reference: id }, tx) => move(id, "new", "paid", `Order ${id} is paid. Thank you!`, tx),
    onRefunded: ({ reference: id }, tx) =>
      move(id, "paid", "refunded", `The money for order ${id} goes back to you.`, tx),
  });

  return { storage, outbox, merchant };
}

/** Plays Payme on this machine, where no cashbox is set: no money moves, and nothing is kept. */
async function playPayme(endpoint: string) {
  const { createMockPayme } = await import("payme-kit/testing");
  const cashbox = { merchantId: "65a0b0000000000000000001", key: randomUUID() };
  const { url } = await createMockPayme({ ...cashbox, billing: { endpoint, key: cashbox.key } }).listen();
  return { ...cashbox, checkoutHost: url, file: ":memory:" };
}

async function start(env: NodeJS.ProcessEnv) {
  const { TELEGRAM_TOKEN = "", TELEGRAM_URL: apiRoot = "https://api.telegram.org", PORT = "3000" } = env;
  // A call ends after a long poll does (20 s), and before the outbox gives an attempt up (30 s).
  const bot = new Bot(TELEGRAM_TOKEN, { client: { apiRoot, timeoutSeconds: 25 } });
  const { PAYME_MERCHANT_ID: merchantId, PAYME_MERCHANT_KEY: key = "", SHOP_FILE: file = "shop.db" } = env;
  const payme = merchantId ? { merchantId, key, file } : await playPayme(`http://127.0.0.1:${PORT}/payme`);
  const { outbox, merchant } = await openShop({ ...payme, bot });
  createServer(nodeMerchant(merchant)).listen(Number(PORT), "127.0.0.1");
  const worker = createWorker({ merchant, outbox });
  worker.start();
  process.once("SIGTERM", () => Promise.all([bot.stop(), worker.stop()]).then(() => process.exit()));
  await bot.start({ timeout: 20, onStart: ({ username }) => console.log(`Write to https://t.me/${username}`) });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (existsSync(".env")) process.loadEnvFile(); // what the environment has already wins
  const isSet = Boolean(process.env.TELEGRAM_TOKEN);
  if (isSet) await start(process.env);
  else console.error("Set TELEGRAM_TOKEN to the token that @BotFather in Telegram gives you after /newbot.");
  process.exitCode = isSet ? 0 : 1;
}
