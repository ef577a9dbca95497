import * as z from "zod";
import { openShop } from "../../examples/receipts-fastify/shop";
import { createPaymeClient } from "../../src/entry/client";

/**
 * A process of the Fastify example, whose clock can be set forward. It opens payment pages and reconciles when it is told to.
 * Naive, it asks about each order that is new, and marks what is paid: no claim, no guard.
 */
const [file, apiUrl, merchantId, key, variant] = z
  .tuple([z.string(), z.string(), z.string(), z.string(), z.enum(["shop", "naive"])])
  .parse(process.argv.slice(2));
const taskSchema = z.discriminatedUnion("task", [
  z.object({ task: z.literal("pay"), ids: z.array(z.number()) }),
  z.object({ task: z.literal("reconcile"), aheadMs: z.number() }),
]);

const client = createPaymeClient({ merchantId, key, mode: "test", apiUrl });
const { app, payments, storage } = await openShop({ file, client });
const realNow = Date.now;

async function pay(ids: readonly number[]): Promise<unknown> {
  const answers = ids.map((id) => app.inject({ method: "POST", url: `/orders/${id}/pay` }));
  return (await Promise.all(answers)).map(({ headers }) => headers.location);
}

async function reconcile(): Promise<unknown> {
  while ((await payments.reconcile({ limit: 5 })).checked > 0);
  return "done";
}

async function markPaid(): Promise<unknown> {
  const unpaid = await storage.transaction(async (tx) =>
    tx.prepare("SELECT id FROM orders WHERE status = 'new'").all(),
  );
  for (const { id } of z.array(z.object({ id: z.number() })).parse(unpaid)) {
    const payment = await payments.findByReference(String(id));
    const { state } = await client.receipts.check(payment?.transactionId ?? "");
    const mark = "UPDATE orders SET status = 'paid' WHERE id = ?";
    if (state === 4) await storage.transaction(async (tx) => tx.prepare(mark).run(id));
  }
  return "done";
}

process.on("message", async (message) => {
  const wanted = taskSchema.parse(message);
  if (wanted.task === "pay") return void process.send?.(await pay(wanted.ids));
  Date.now = () => realNow() + wanted.aheadMs;
  process.send?.(await (variant === "shop" ? reconcile() : markPaid()));
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
