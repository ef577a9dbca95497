import { it } from "vitest";
import { storageSuite } from "../../src/testing";
import { describeOnPostgres } from "../postgres/database";
import { ormKit } from "./orm-kits";
import { onTypeorm } from "./postgres-adapters";

const runner = { describe: describeOnPostgres, it };

storageSuite({ runner, name: "typeormStorage", create: () => ormKit("typeorm", onTypeorm), witness: true });
