import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { incidentKinds } from "../../src/ledger";

it("docs/production.md has a row for every kind of incident, and for no other", () => {
  const page = readFileSync(new URL("../../docs/production.md", import.meta.url), "utf8");
  const [, table = ""] = page.split("| kind | what happened | what a person does |");
  const rows = [...table.matchAll(/^\| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm)].map(([, kind]) => kind);
  expect(rows.sort()).toEqual([...incidentKinds].sort());
});
