import Fastify from "fastify";
import {
  createPaymeClient,
  createPayments,
  createWorker,
  type PaymentsClient,
  paymeConfigFromEnv,
  som,
  tiyin,
} from "payme-kit";
import { sqliteStorage } from "payme-kit/sqlite";

const PRICE = som(50_000);
const COLUMNS = "id INTEGER PRIMARY KEY, total INTEGER, status TEXT, paid_by TEXT";
// Guarded: where the order is not as expected any more, nothing changes, and the hook answers false.
const PAID = "UPDATE orders SET status = 'paid', paid_by = 'payme' WHERE id = ? AND status = 'new'";
const REFUNDED = "UPDATE orders SET status = 'refunded' WHERE id = ? AND status = 'paid' AND paid_by = 'payme'";

type Order = { id: number; total: number; status: string };

/** Opens the shop: its payments, and its pages. Nothing listens yet. */
export async function openShop({ file, client }: { file: string; client: PaymentsClient }) {
  const storage = sqliteStorage({ file });
  await storage.migrate();
  await storage.transaction(async (tx) => tx.exec(`CREATE TABLE IF NOT EXISTS orders (${COLUMNS})`));
  const rows = (sql: string, ...params: unknown[]) =>
    storage.transaction(async (tx) => tx.prepare<Order>(sql).all(...params));

  const payments = createPayments({
    storage,
    client,
    onPaid: ({ reference }, tx) => tx.prepare(PAID).run(reference).changes === 1,
    onRefunded: ({ reference }, tx) => tx.prepare(REFUNDED).run(reference).changes === 1,
  });

  const app = Fastify();
  app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null));
  app.addHook("onClose", () => storage.close());

  /** The page where the order is paid. The same for each call: a reference has one open payment. */
  async function payUrlOf({ id, total }: Order): Promise<string> {
    const payment = { reference: String(id), amount: tiyin(total), description: `Order ${id}` };
    return (await payments.create({ ...payment, once: true })).payUrl;
  }

  /** Asks Payme about an order that is not paid as far as we know. The timer asks, too, but later. */
  async function ask({ id }: Order): Promise<void> {
    const payment = await payments.findByReference(String(id));
    if (payment !== undefined) await payments.check(payment.id).catch((error) => app.log.warn(error));
  }

  app.get("/", async (_request, reply) => {
    const newest = () => rows("SELECT * FROM orders ORDER BY id DESC LIMIT 10");
    await Promise.all((await newest()).filter(({ status }) => status === "new").map(ask));
    const list = (await newest()).map(({ id, status }) =>
      status === "new"
        ? `<li><form method="post" action="/orders/${id}/pay">Order ${id}: <button>Pay</button></form>`
        : `<li>Order ${id}: ${status}`,
    );
    reply.type("text/html; charset=utf-8");
    return `<form method="post" action="/orders"><button>Buy for 50 000 so'm</button></form><ul>${list.join("")}</ul>`;
  });

  app.post("/orders", async (_request, reply) => {
    const [order] = await rows("INSERT INTO orders (total, status) VALUES (?, 'new') RETURNING *", PRICE);
    return order && reply.redirect(await payUrlOf(order), 303);
  });

  app.post<{ Params: { id: string } }>("/orders/:id/pay", async ({ params: { id } }, reply) => {
    const [order] = await rows("SELECT * FROM orders WHERE id = ? AND status = 'new'", id);
    return reply.redirect(order === undefined ? "/" : await payUrlOf(order), 303);
  });

  return { app, payments, storage };
}

/** Plays Payme on this machine, where no PAYME_ variable is set: no money moves, and nothing is kept. */
async function playPayme() {
  const { createMockPayme } = await import("payme-kit/testing");
  const mock = createMockPayme();
  return { merchantId: mock.merchantId, key: mock.key, mode: "test", apiUrl: (await mock.listen()).url } as const;
}

async function start({ PORT = "3000", SHOP_FILE = "shop.db", ...env }: NodeJS.ProcessEnv) {
  const isReal = env.NODE_ENV === "production" || Object.keys(env).some((name) => name.startsWith("PAYME_"));
  const settings = isReal ? paymeConfigFromEnv({ PAYME_AUTH: "key", ...env }) : await playPayme();
  const file = isReal ? SHOP_FILE : ":memory:";
  const { app, payments } = await openShop({ file, client: createPaymeClient(settings) });
  const worker = createWorker({ payments });
  worker.start();
  console.log(`The shop is at ${await app.listen({ port: Number(PORT), host: "127.0.0.1" })}`);
  process.once("SIGTERM", () => Promise.all([app.close(), worker.stop()]).then(() => process.exit()));
}

if (process.argv[1]?.endsWith("shop.ts")) await start(process.env);
