import { describe, expect, test } from "vitest";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";

interface Row {
  readonly name: string;
  readonly tags?: readonly string[];
  readonly at?: Date;
}

const rows = (tx: MemoryTx) => tx.table<Row>("shop_row");

describe("a table of the memory storage", () => {
  test("counts what is published and what this transaction changed", async () => {
    const storage = memoryStorage();
    await storage.transaction(async (tx) => {
      expect(rows(tx).size).toBe(0);
      for (const name of ["a", "b", "c"]) rows(tx).set(name, { name });
      rows(tx).delete("c");
      rows(tx).delete("never there");
      expect(rows(tx).size).toBe(2);
    });
    await storage.transaction(async (tx) => {
      rows(tx).delete("a");
      rows(tx).set("b", { name: "b again" });
      rows(tx).set("d", { name: "d" });
      rows(tx).set("e", { name: "e" });
      expect(rows(tx).size).toBe(3);
      expect(rows(storage.published()).size).toBe(2);
    });
    expect(rows(storage.published()).size).toBe(3);
  });

  test("takes and gives copies, of nested members too", async () => {
    const storage = memoryStorage();
    const given = { name: "a", tags: ["new"], at: new Date(0) };
    await storage.transaction(async (tx) => rows(tx).set("a", given));
    given.tags.push("changed by the giver");
    const read = rows(storage.published()).get("a");
    expect(read).toEqual({ name: "a", tags: ["new"], at: new Date(0) });
    expect(read?.tags).not.toBe(rows(storage.published()).get("a")?.tags);
  });
});

test("events of a memory storage have ascending ids, without the one that was rolled back", async () => {
  const storage = memoryStorage();
  const scope = { cashbox: "default", mode: "live" } as const;
  const append = (tx: MemoryTx, kind: string) =>
    storage.using(tx).appendEvents([{ ...scope, kind, subject: "order", at: 1 }]);
  await storage.transaction((tx) => append(tx, "first"));
  const lost = storage.transaction(async (tx) => {
    await append(tx, "lost");
    throw new Error("rolled back");
  });
  await expect(lost).rejects.toThrow("rolled back");
  await storage.transaction(async (tx) => {
    await append(tx, "second");
    await append(tx, "third");
  });
  const events = await storage.listEvents(scope, { limit: 10 });
  expect(events.map(({ id, kind }) => [id, kind])).toEqual([
    [1, "first"],
    [2, "second"],
    [3, "third"],
  ]);
});
