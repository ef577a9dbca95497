import { describe, expect, it } from "vitest";
import { PaymeStorageError, PaymeValidationError } from "../../src/kit/errors";
import { type ImportedRow, type ImportReport, importRows, isMoment } from "../../src/ledger/import-rows";
import { memoryStorage } from "../../src/storage/memory/memory-storage";

const ids = (count: number) => Array.from({ length: count }, (_, n) => `row-${n + 1}`);

function importing(
  rows: string[],
  batchSize?: number,
  importOne: (row: string) => ImportedRow = () => "imported",
): { done: Promise<ImportReport>; progress: ImportReport[] } {
  const progress: ImportReport[] = [];
  const onProgress = (report: ImportReport) => progress.push(report);
  const done = importRows(
    memoryStorage(),
    rows,
    { batchSize, onProgress },
    (row) => row,
    async (row) => importOne(row),
  );
  return { done, progress };
}

describe("an import", () => {
  it.each([
    [5, 2, [2, 4, 5]],
    [4, 2, [2, 4]],
    [3, 1, [1, 2, 3]],
    [3, 1_000, [3]],
    [101, undefined, [100, 101]],
    [0, 2, []],
  ])("of %i rows by %s commits after %j", async (count, batchSize, commits) => {
    const { done, progress } = importing(ids(count), batchSize);
    expect((await done).imported).toBe(count);
    expect(progress.map(({ imported }) => imported)).toEqual(commits);
  });

  it("counts what was there, and names what differs, in its progress too", async () => {
    const { done, progress } = importing(ids(3), 3, (row) =>
      row === "row-1" ? [] : row === "row-2" ? ["amount"] : "imported",
    );
    const report = { imported: 1, same: 1, different: [{ id: "row-2", members: ["amount"] }] };
    expect(await done).toEqual(report);
    expect(progress).toEqual([report]);
  });

  it.each([0, 1_001, 1.5, Number.NaN, -1])("refuses batches of %d", async (batchSize) => {
    await expect(importing(ids(1), batchSize).done).rejects.toThrow("batchSize: give a whole number, 1 to 1,000");
  });

  it("names the row of an error, with its hint", async () => {
    const { done } = importing(ids(5), 2, (row) => {
      if (row === "row-4") throw new PaymeValidationError("no amount", { hint: "Give it." });
      return "imported";
    });
    await expect(done).rejects.toMatchObject({
      message: "row 4 (row-4): no amount",
      hint: "Give it.",
      code: "VALIDATION_FAILED",
    });
  });

  it("names the row whose hook threw, with the cause", async () => {
    const cause = new Error("no table");
    const { done } = importing(ids(3), 2, (row) => {
      if (row === "row-3") throw cause;
      return "imported";
    });
    await expect(done).rejects.toMatchObject({ message: "row 3 (row-3): a hook threw, all is undone", cause });
  });

  it("leaves an error of the database as it is: the same batch may be tried again", async () => {
    const away = new PaymeStorageError("STORAGE_BUSY", "away");
    const { done } = importing(ids(1), 1, () => {
      throw away;
    });
    await expect(done).rejects.toBe(away);
  });
});

it.each([
  [1, true],
  [Date.UTC(2026, 0, 1), true],
  [0, false],
  [-1, false],
  [1.5, false],
  [2 ** 53, false],
  ["5", false],
  [null, false],
])("isMoment(%o) is %s", (value, answer) => {
  expect(isMoment(value)).toBe(answer);
});
