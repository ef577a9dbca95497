import * as z from "zod";
import { openAt } from "./databases";
import { settling } from "./tariff-settling";

/** A process of its own on the database: says that it is ready, is told what to settle, and answers how that ended. */
const [address, variant] = z.tuple([z.string(), z.enum(["locked", "unlocked"])]).parse(process.argv.slice(2));
const { storage, close } = openAt(address);
const settle = settling(variant, storage);

process.once("message", async (message) => {
  const outcomes = await Promise.all(z.array(z.string()).parse(message).map(settle));
  await close();
  process.send?.(outcomes, () => process.disconnect());
});
process.send?.("ready");
