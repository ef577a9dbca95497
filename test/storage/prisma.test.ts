import { it } from "vitest";
import { storageSuite } from "../../src/entry/testing";
import { describeOnPostgres } from "../postgres/database";
import { ormKit } from "./orm-kits";
import { onPrisma } from "./postgres-adapters";

const runner = { describe: describeOnPostgres, it };

storageSuite({ runner, name: "prismaStorage", create: () => ormKit("prisma", onPrisma), witness: true });
