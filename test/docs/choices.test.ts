import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DEFAULT_CHOICES } from "../../src/testing/mock/choices";

it("docs/testing.md has a row for every choice of the mock's", () => {
  const page = readFileSync(new URL("../../docs/testing.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| /gm)].map(([, names = ""]) => names);
  const named = rows.flatMap((names) => [...names.matchAll(/\w+/g)].map(([name]) => name));
  expect(Object.keys(DEFAULT_CHOICES).filter((name) => !named.includes(name))).toEqual([]);
});
