import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOutbox } from "payme-kit";
import { sqliteStorage } from "payme-kit/sqlite";
import { compare, print } from "./compare";
import { openShop } from "./settling-shop";

const PAYMENTS = 60_000;
/** As many as a worker of an outbox has in hand at a time. */
const HANGING = 10;

/** Settlements on SQLite while every delivery of the outbox hangs, beside the same without an outbox. */
export async function benchSettleWhileHanging(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-bench-"));
  const [alone, beside] = ["alone.db", "beside.db"].map((name) => sqliteStorage({ file: join(directory, name) }));
  if (alone === undefined || beside === undefined) throw new Error("no storages");
  const [floor, ours] = [await openShop(alone, PAYMENTS), await openShop(beside, PAYMENTS)];
  const started = new Set<number>();
  const outbox = createOutbox({
    storage: beside,
    mode: "test",
    timeoutMs: 3_600_000,
    // That they are cut off at the end is meant.
    logger: { info() {}, warn() {}, error() {} },
    deliver: ({ id }, { signal }) => {
      started.add(id);
      return new Promise((_resolve, reject) => signal.addEventListener("abort", reject));
    },
  });
  try {
    const messages = Array.from({ length: HANGING }, (_, n) => ({ kind: "told", subject: `subject-${n}`, data: null }));
    await beside.transaction((tx) => outbox.add(messages, tx));
    outbox.start();
    const next = { ours: 0, floor: 0 };
    const ratio = await compare(
      async (times) => {
        for (let n = 0; n < times; n += 1) await floor.settle(next.floor++);
      },
      async (times) => {
        for (let n = 0; n < times; n += 1) await ours.settle(next.ours++);
      },
    );
    if (started.size !== HANGING) throw new Error(`${started.size} deliveries hang, not ${HANGING}`);
    print(`settling on SQLite while ${HANGING} deliveries hang / without an outbox`, ">= 0.9", ratio);
  } finally {
    await outbox.stop({ graceMs: 0 });
    await Promise.all([floor.close(), ours.close()]);
    rmSync(directory, { recursive: true, force: true });
  }
}
