import { describe, expect, it, onTestFinished } from "vitest";
import { sqliteStorage } from "../../src/entry/sqlite";
import { storageSuite } from "../../src/entry/testing";
import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { paymentRow, scope, transactionRow } from "../ledger/rows";
import { memoryKit } from "./kits";

storageSuite({ runner: { describe, it }, name: "memoryStorage", create: memoryKit, durable: false });

describe("JSON that no text of JSON can say", () => {
  const hard = {
    zero: -0,
    list: [-0, undefined, { deep: -0 }],
    gone: undefined,
    when: new Date(0),
    number: Number.NaN,
  };

  /** Writes it in each column of JSON, and returns what the verbs answered and what they find. */
  async function writeIn(storage: Storage<unknown>): Promise<unknown[]> {
    const event = { ...scope, kind: "payment.paid", subject: "a", at: 1, data: hard };
    return [
      (await storage.appendEvents([event])).map(({ id: _id, ...row }) => row),
      await storage.addPayment(paymentRow({ data: hard })),
      await storage.addTransaction(transactionRow({ account: hard })),
      await storage.saveFiscalData(scope, "payme-1", "PERFORM", hard),
      await storage.saveFiscalData(scope, "payme-1", "PERFORM", hard),
      await storage.findPayment(scope, { id: "payment-1" }),
      await storage.findTransaction(scope, "payme-1"),
    ];
  }

  it("is in memory what a database makes of it", async () => {
    const sqlite = sqliteStorage({ file: ":memory:" });
    onTestFinished(() => sqlite.close());
    await sqlite.migrate();
    expect(await writeIn(memoryStorage())).toStrictEqual(await writeIn(sqlite));
  });
});
