import { it } from "vitest";
import { storageSuite } from "../../src/entry/testing";
import { describeOnPostgres } from "../postgres/database";
import { ormKit } from "./orm-kits";
import { onKysely } from "./postgres-adapters";

const runner = { describe: describeOnPostgres, it };

storageSuite({ runner, name: "kyselyStorage", create: () => ormKit("kysely", onKysely), witness: true });
