import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { entries, packageFields, typePaths } from "../../scripts/entries.mjs";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifest: Readonly<Record<string, unknown>> = JSON.parse(read("package.json"));

/** As text, so that the order counts too. */
const asText = (value: unknown) => JSON.stringify(value, null, 2);

describe("the entries", () => {
  it.each(Object.keys(packageFields))(
    "are what package.json says in %s (node scripts/entries.mjs --write)",
    (field) => {
      expect(asText(manifest[field])).toBe(asText(packageFields[field]));
    },
  );

  it("are what tsconfig.json says in paths (node scripts/entries.mjs --write)", () => {
    expect(asText(JSON.parse(read("tsconfig.json")).compilerOptions.paths)).toBe(asText(typePaths));
  });

  it.each(entries)("list their names one by one: $source", ({ source }) => {
    expect(read(source)).not.toMatch(/export\s+(?:type\s+)?\*/);
  });

  it.each(entries)("are each in the index of the docs: $specifier", ({ specifier }) => {
    expect(read("docs/README.md")).toContain(`\`${specifier}\``);
  });
});
