import { describe, expect, it } from "vitest";
import type { Storage } from "../../src/entry/adapter";
import { sqliteStorage } from "../../src/entry/sqlite";
import { createHookScope } from "../../src/storage/hook-scope";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { paymentRow, scope } from "../ledger/rows";

const outcomeOf = (call: () => void) => {
  try {
    call();
    return "allowed";
  } catch (error) {
    return Reflect.get(Object(error), "code");
  }
};

describe("a storage call inside a transaction", () => {
  it("is refused by the storage whose transaction it is, however deep, and by no other", async () => {
    const [outer, inner, other] = [createHookScope(), createHookScope(), createHookScope()];
    const seen = await outer.run(() =>
      inner.run(async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return [outer, inner, other].map((each) => outcomeOf(() => each.assertOutside()));
      }),
    );
    expect(seen).toEqual(["STORAGE_MISUSE", "STORAGE_MISUSE", "allowed"]);
    for (const each of [outer, inner]) expect(outcomeOf(() => each.assertOutside())).toBe("allowed");
  });

  it("is allowed once the transaction has ended, in work that a hook started and left behind", async () => {
    const storage = memoryStorage();
    let leftBehind: Promise<unknown> = Promise.resolve();
    await storage.transaction(async () => {
      leftBehind = new Promise((resolve) => setTimeout(resolve, 5)).then(() => storage.addPayment(paymentRow()));
    });
    expect(await leftBehind).toMatchObject({ outcome: "applied" });
    expect(await storage.findPayment(scope, { id: "payment-1" })).toBeDefined();
  });

  it("is allowed in work that was left behind by what then threw at once, and nothing is thrown at the caller", async () => {
    const storage = memoryStorage();
    let leftBehind: Promise<unknown> = Promise.resolve();
    const throwing = () => {
      leftBehind = new Promise((resolve) => setTimeout(resolve, 5)).then(() => storage.findPayment(scope, { id: "p" }));
      throw new Error("at once");
    };
    for (const run of [storage.transaction, storage.read]) {
      await expect(run(throwing)).rejects.toThrow("at once");
      expect(await leftBehind).toBeUndefined();
    }
  });

  it.each([
    ["memory", () => memoryStorage()],
    ["SQLite", () => sqliteStorage({ file: ":memory:" })],
  ])("is as good where work returns no promise, as JavaScript allows: %s", async (_name, make) => {
    const storage: Storage<unknown> = make();
    await storage.migrate();
    // As a caller without types calls it.
    for (const run of [storage.transaction, storage.read]) {
      expect(await Reflect.apply(run, storage, [() => "done"])).toBe("done");
    }
    await storage.close();
  });

  it("is told from one in the transaction of another storage", async () => {
    const [books, archive] = [memoryStorage(), memoryStorage()];
    await books.transaction(async () => {
      expect((await archive.addPayment(paymentRow())).outcome).toBe("applied");
      await archive.transaction(async () => {
        await expect(books.addPayment(paymentRow())).rejects.toMatchObject({ code: "STORAGE_MISUSE" });
      });
    });
  });
});
