import { it } from "vitest";
import { storageSuite } from "../../src/entry/testing";
import { describeOnPostgres } from "../postgres/database";
import { ormKit } from "./orm-kits";
import { onDrizzle } from "./postgres-adapters";

const runner = { describe: describeOnPostgres, it };

storageSuite({ runner, name: "drizzleStorage", create: () => ormKit("drizzle", onDrizzle), witness: true });
