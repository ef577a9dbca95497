import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { storageSuite } from "../../src/entry/testing";
import { describeOnPostgres } from "../postgres/database";
import { ormKit } from "./orm-kits";
import { onTypeorm } from "./postgres-adapters";

const runner = { describe: describeOnPostgres, it };

storageSuite({ runner, name: "typeormStorage", create: () => ormKit("typeorm", onTypeorm), witness: true });

it("the recipe of the docs is the file that is tested", () => {
  const recipe = readFileSync(join(import.meta.dirname, "typeorm-recipe.ts"), "utf8");
  expect(readFileSync(join(import.meta.dirname, "../../docs/orm-transactions.md"), "utf8")).toContain(recipe);
});
