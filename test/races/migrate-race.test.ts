import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../storage/kits";
import { runWorkers } from "./workers";

it("eight processes that start at once on an empty file make the tables once, and all go on", async () => {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  const ended = await runWorkers(
    "./migrate-worker.ts",
    Array.from({ length: 8 }, () => [file]),
  );
  expect(ended).toEqual(Array.from({ length: 8 }, () => "migrated"));
  const database = new Database(file);
  onTestFinished(() => void database.close());
  expect(database.prepare("SELECT part, step FROM payme_migration").all()).toEqual([{ part: "ledger", step: 1 }]);
});
