import * as z from "zod";
import { sqliteStorage } from "../../src/storage/sqlite";
import { settling } from "./tariff-settling";

/** A process of its own on the database: says that it is ready, is told what to settle, and answers how that ended. */
const [file, variant] = z.tuple([z.string(), z.enum(["locked", "unlocked"])]).parse(process.argv.slice(2));
const storage = sqliteStorage({ file });
const settle = settling(variant, storage);

process.once("message", async (message) => {
  const outcomes = await Promise.all(z.array(z.string()).parse(message).map(settle));
  await storage.close();
  process.send?.(outcomes, () => process.disconnect());
});
process.send?.("ready");
