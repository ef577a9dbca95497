import * as z from "zod";
import { callOf, openBooks, PRIZES, races } from "./book-calls";

/**
 * A process of its own on the database: says that it is ready, is told to go, and answers how its calls ended. It makes one
 * call after the other, so that what meets meets between processes.
 */
const [address, variant, race, runner] = z
  .tuple([z.string(), z.enum(["guarded", "unguarded"]), z.enum(races), z.string()])
  .parse(process.argv.slice(2));
const { storage, close } = openBooks(address, variant);

process.once("message", async () => {
  const outcomes: string[] = [];
  for (let prize = 0; prize < PRIZES; prize += 1) outcomes.push(await callOf(race, storage, prize, runner));
  await close();
  process.send?.(outcomes, () => process.disconnect());
});
process.send?.("ready");
