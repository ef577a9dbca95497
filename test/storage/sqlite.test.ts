import { describe, it } from "vitest";
import { storageSuite } from "../../src/entry/testing";
import { privateSqliteKit, sqliteKit } from "./kits";

const runner = { describe, it };

storageSuite({ runner, name: "sqliteStorage on a file", create: () => sqliteKit(), witness: true });
storageSuite({ runner, name: "sqliteStorage in memory", create: () => privateSqliteKit(), durable: false });
storageSuite({
  runner,
  witness: true,
  name: "sqliteStorage with the guide's names",
  create: () => sqliteKit({ tables: { payment: "payment", transaction: "transaction", event: "order" } }),
});
