import { describe, expect, it, onTestFinished } from "vitest";
import type { Message } from "../../src/entry";
import { createPayments } from "../../src/entry";
import { som } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import { describeOnPostgres } from "../postgres/database";
import { sqliteKit } from "../storage/kits";
import { postgresKit } from "../storage/postgres-kits";
import { gate, message, NOW, outboxOn, SCOPE } from "./kit";

const WORKERS = 4;
const SUBJECTS = ["a", "b", "c", "d", "e"];
const MESSAGES = 8;
const SETTLEMENTS = 50;

/** Two storages on one database, as two processes have. */
async function onSqlite(): Promise<Storage<unknown>[]> {
  const kit = await sqliteKit();
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  return [kit.storage, await kit.second()];
}

async function onPostgres(): Promise<Storage<unknown>[]> {
  const kit = await postgresKit();
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  return [kit.storage, kit.open()];
}

describe("the outbox on SQLite", () => rules(onSqlite));
describeOnPostgres("the outbox on PostgreSQL", () => rules(onPostgres));

function rules(open: () => Promise<Storage<unknown>[]>): void {
  it("with four workers over two connections tells each message once, those of a subject in order", async () => {
    const [first, second] = await open();
    if (first === undefined || second === undefined) throw new Error("two storages are needed");
    const told: Message[] = [];
    const deliver = async (each: Message) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      told.push(each);
    };
    const workers = Array.from({ length: WORKERS }, (_, n) =>
      outboxOn(n % 2 === 0 ? first : second, { deliver, batchSize: 3, pollMs: 1 }),
    );
    const [adder] = workers;
    await adder?.add(...numbers(MESSAGES).flatMap((n) => SUBJECTS.map((subject) => message(subject, n))));
    for (const { outbox } of workers) outbox.start();
    await expect.poll(() => told.length, { timeout: 20_000 }).toBe(SUBJECTS.length * MESSAGES);
    await Promise.all(workers.map(({ outbox }) => outbox.stop()));
    for (const subject of SUBJECTS) {
      const data = told.filter((each) => each.subject === subject).map((each) => each.data);
      expect(data).toEqual(numbers(MESSAGES));
    }
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
  });

  it("while deliver hangs, payments settle, and what they add is written with them", async () => {
    const [storage] = await open();
    if (storage === undefined) throw new Error("a storage is needed");
    const [begun, end] = [gate(), gate()];
    const deliver = async () => {
      begun.open();
      await end.opened;
    };
    const { outbox, add } = outboxOn(storage, { deliver });
    await add(message("slow"));
    const running = outbox.runOnce();
    await begun.opened;

    const payments = createPayments({
      storage,
      payUrl: () => "https://pay.example",
      async onPaid({ id }, tx) {
        await outbox.add({ kind: "payment.settled", subject: id }, tx);
        return true;
      },
    });
    for (const n of numbers(SETTLEMENTS)) {
      const { id } = await payments.create({ amount: som(1_000) });
      const attached = { transactionId: `receipt-${n}`, chequeId: "c", payUrl: "p", at: NOW, nextCheckAt: NOW };
      await storage.attachReceipt(SCOPE, id, attached);
      const report = { paymeId: `receipt-${n}`, amount: som(1_000), paidAt: NOW, source: "gateway" } as const;
      expect(await payments.recordPaid(report)).toMatchObject({ outcome: "applied" });
    }

    expect(await payments.statistics()).toMatchObject({ paid: SETTLEMENTS });
    end.open();
    expect(await running).toMatchObject({ delivered: 1 });
    const added = await storage.listEvents(SCOPE, { kinds: ["payment.settled"], limit: 99 });
    expect(added).toHaveLength(SETTLEMENTS);
  });
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}
