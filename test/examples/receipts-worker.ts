import * as z from "zod";
import { openShop } from "../../examples/receipts-fastify/shop";
import { createPaymeClient } from "../../src/entry/client";

/**
 * A process of the Fastify example, whose clock can be set forward. It opens payment pages and reconciles when it is told to, and
 * tells of each call to Payme. Naive, it asks about each order that is new, gives what was bought, and then marks the order.
 */
const [file, apiUrl, merchantId, key, variant] = z
  .tuple([z.string(), z.string(), z.string(), z.string(), z.enum(["shop", "naive"])])
  .parse(process.argv.slice(2));
const taskSchema = z.discriminatedUnion("task", [
  z.object({ task: z.literal("pay"), ids: z.array(z.number()) }),
  z.object({ task: z.literal("reconcile"), aheadMs: z.number() }),
]);

let calls = 0;
const client = createPaymeClient({
  merchantId,
  key,
  mode: "test",
  apiUrl,
  fetch(input, init) {
    calls += 1;
    process.send?.({ calls });
    return fetch(input, init);
  },
});
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

async function giveThenMark(): Promise<unknown> {
  const unpaid = await storage.transaction(async (tx) =>
    tx.prepare("SELECT id FROM orders WHERE status = 'new'").all(),
  );
  for (const { id } of z.array(z.object({ id: z.number() })).parse(unpaid)) {
    const payment = await payments.findByReference(String(id));
    const { state } = await client.receipts.check(payment?.transactionId ?? "");
    if (state !== 4) continue;
    await storage.transaction(async (tx) => tx.prepare("INSERT INTO effects VALUES (?)").run(id));
    const { amount } = await client.receipts.get(payment?.transactionId ?? "");
    const mark = "UPDATE orders SET status = 'done', total = ? WHERE id = ?";
    await storage.transaction(async (tx) => tx.prepare(mark).run(amount, id));
  }
  return "done";
}

async function answer(task: z.infer<typeof taskSchema>): Promise<unknown> {
  if (task.task === "pay") return pay(task.ids);
  Date.now = () => realNow() + task.aheadMs;
  calls = 0;
  return variant === "shop" ? reconcile() : giveThenMark();
}

process.on("message", async (message) => process.send?.({ answer: await answer(taskSchema.parse(message)) }));
process.once("disconnect", () => process.exit());
process.send?.({ answer: "ready" });
