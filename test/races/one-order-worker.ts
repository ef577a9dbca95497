import * as z from "zod";
import { type OneOrderOptions, openOneOrderShop } from "./one-order-shop";

/** A process of its own: says that it is ready, is told to go, and answers how its calls for the one order ended. */
const [address = "", prefix = "", json = "{}"] = process.argv.slice(2);
const options: Omit<OneOrderOptions, "address"> = z
  .object({
    cashbox: z.string().optional(),
    sharedOrders: z.string().optional(),
    kind: z.enum(["integer", "bigint"]),
    int8: z.enum(["text", "bigint"]).optional(),
    careless: z.enum(["type"]).optional(),
  })
  .parse(JSON.parse(json));
const { payAtOnce, close } = openOneOrderShop({ address, ...options });

process.once("message", async () => {
  const paid = await payAtOnce(
    prefix,
    Array.from({ length: 8 }, () => 197),
  );
  await close();
  process.send?.(paid, () => process.disconnect());
});
process.send?.("ready");
