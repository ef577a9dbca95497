import { it } from "vitest";
import { storageSuite } from "../../src/entry/testing";
import { describeOnPostgres } from "../postgres/database";
import { postgresKit } from "./postgres-kits";

const runner = { describe: describeOnPostgres, it };

storageSuite({ runner, name: "postgresStorage", create: () => postgresKit(), witness: true });
storageSuite({
  runner,
  witness: true,
  groups: ["basics", "guards", "outcomes", "rollback", "reads"],
  name: "postgresStorage with the guide's names and named statements",
  create: () =>
    postgresKit({ namedStatements: true, tables: { payment: "payment", transaction: "transaction", event: "order" } }),
});
