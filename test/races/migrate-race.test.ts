import { expect, it, onTestFinished } from "vitest";
import { openAt } from "./databases";
import { onEachDatabase } from "./new-database";
import { runWorkers } from "./workers";

onEachDatabase((newAddress) => {
  it("eight processes that start at once on an empty database make the tables once, and all go on", async () => {
    const address = await newAddress();
    const ended = await runWorkers(
      "./migrate-worker.ts",
      Array.from({ length: 8 }, () => [address]),
    );
    expect(ended).toEqual(Array.from({ length: 8 }, () => "migrated"));
    const { storage, close } = openAt(address);
    onTestFinished(close);
    const made = await storage.sql.read((executor) =>
      executor.execute(`SELECT part, step FROM ${storage.tables.migration} ORDER BY step`, []),
    );
    expect(made).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((step) => ({ part: "ledger", step })));
  });
});
