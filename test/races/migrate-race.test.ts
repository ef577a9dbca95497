import { expect, it, onTestFinished } from "vitest";
import { ledgerMigrations } from "../../src/storage/sql/migrations";
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
    const { steps } = ledgerMigrations(storage.tables, storage.sql.dialect);
    expect(made).toEqual(steps.map((_, index) => ({ part: "ledger", step: index + 1 })));
  });
});
