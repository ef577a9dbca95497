import type { SqlStorage } from "../../../src/entry/adapter";
import { sqlTariffStore } from "../../../src/entry/tariffs";
import type { Fault } from "./fault-line";
import type { FaultyDatabase } from "./faulty-databases";
import { type FaultyShop, MINUTE, openFaultyShop } from "./faulty-shop";
import type { Operation } from "./operations";
import { emptyBooks, pictureOf, wrongsIn } from "./verdict";

/** Whoever reports repeats: Payme, a person who clicks again, a timer. */
const MAX_REPEATS = 4;
/** More statements than any operation has: a line that never runs out would go on for ever. */
const MAX_STATEMENTS = 100;

/** How an operation stood its failures. */
export interface Played {
  /** Statements that were struck, before and after each. */
  readonly strikes: number;
  /** How it ended undisturbed. */
  readonly ends: string;
  /** What was wrong, and after which strike. */
  readonly wrongs: readonly string[];
}

/** Opens the shop that is played with. */
export type OpenShop = <Tx>(database: FaultyDatabase<Tx>) => Promise<FaultyShop>;

/** Makes an operation fail before and after each of its statements, one at a time, and judges the books each time. */
export async function play<Tx>(
  database: FaultyDatabase<Tx>,
  operation: Operation,
  openShop: OpenShop = openFaultyShop,
): Promise<Played> {
  await migrateAll(database.storage);
  const undisturbed = await playOnce(database, operation, openShop, undefined);
  const wrongs = undisturbed.wrongs.map((wrong) => `undisturbed: ${wrong}`);
  if (undisturbed.isCallRefused) wrongs.push("undisturbed: the call was refused");
  const { payments, repeated } = undisturbed.ended;
  let strikes = 0;
  for (const when of ["before", "after"] as const) {
    for (let n = 1; n <= MAX_STATEMENTS; n += 1) {
      const { struck, wrongs: found, ended } = await playOnce(database, operation, openShop, { n, when });
      if (struck === undefined) break;
      strikes += 1;
      wrongs.push(...found.map((wrong) => `${struck}: ${wrong}`));
      wrongs.push(...differences(undisturbed.ended, ended).map((difference) => `${struck}: ${difference}`));
    }
  }
  return { strikes, ends: `${payments || "no payment"}; ${repeated}`, wrongs };
}

/** Makes the tables of the books, and those of tariffs. */
export async function migrateAll<Tx>(storage: SqlStorage<Tx>): Promise<void> {
  await storage.migrate();
  await sqlTariffStore(storage).migrate();
}

async function playOnce<Tx>(
  database: FaultyDatabase<Tx>,
  operation: Operation,
  openShop: OpenShop,
  fault: Fault | undefined,
) {
  const { line, ask } = database;
  await emptyBooks(ask);
  const shop = await openShop(database);
  const call = await operation.open(shop);
  if (fault !== undefined) line.arm(fault);
  const isCallRefused = await call().then(
    () => false,
    () => true,
  );
  const struck = line.disarm();
  const atOnce = (await wrongsIn(ask)).map((wrong) => `at once, ${wrong}`);
  const repeated = await repeat(shop, call);
  await operation.after?.(shop);
  await runTimers(shop);
  const inTheEnd = (await wrongsIn(ask)).map((wrong) => `in the end, ${wrong}`);
  const ended: Readonly<Record<string, string>> = { ...(await pictureOf(ask)), receipts: receiptsOf(shop), repeated };
  return {
    struck,
    isCallRefused,
    wrongs: [...atOnce, ...inTheEnd],
    ended,
  };
}

/** Until it is carried out; what a Merchant call was answered. */
async function repeat(shop: FaultyShop, call: () => Promise<unknown>): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    shop.pass(3 * MINUTE);
    try {
      const answer = await call();
      return typeof answer === "string" ? answer : "done";
    } catch (error) {
      if (attempt === MAX_REPEATS) return `refused ${attempt} times: ${String(error)}`;
    }
  }
}

/** Some hours of the shop's life. */
async function runTimers(shop: FaultyShop): Promise<void> {
  for (const minutes of [1, 5, 15, 60]) {
    shop.pass(minutes * MINUTE);
    await shop.runTimers();
  }
}

function receiptsOf({ mock }: FaultyShop): string {
  return mock
    .receipts()
    .map(({ state }) => state)
    .sort()
    .join();
}

function differences(expected: Readonly<Record<string, string>>, found: Readonly<Record<string, string>>): string[] {
  return Object.keys(expected)
    .filter((name) => expected[name] !== found[name])
    .map((name) => `${name}: ${found[name]} instead of ${expected[name]}`);
}
