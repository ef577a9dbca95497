import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { publicSurface, surfaceText } from "./public-surface";

const MAX_ROOT_VALUES = 60;
const file = join(import.meta.dirname, "surface.txt");
const surface = publicSurface();

it("the public surface is what surface.txt says (UPDATE_SURFACE=1 writes it)", () => {
  const text = surfaceText(surface);
  if (process.env.UPDATE_SURFACE === "1") writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
}, 120_000);

it(`payme-kit has at most ${MAX_ROOT_VALUES} values`, () => {
  const [root] = surface;
  const values = root?.names.filter(({ kind }) => kind !== "type").map(({ name }) => name) ?? [];
  expect(root?.specifier).toBe("payme-kit");
  expect(values).toContain("createMerchantApi");
  expect(values.length, values.join(" ")).toBeLessThanOrEqual(MAX_ROOT_VALUES);
});
