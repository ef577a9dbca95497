import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MerchantErrorCode, SubscribeErrorCode } from "../../src/protocol/codes";

const page = readFileSync(join(import.meta.dirname, "../../docs/errors-by-code.md"), "utf8");

/** The codes that have a row of their own, by who sends them. */
function codesOf(sender: string): number[] {
  const rows = [...page.matchAll(/^\| (-\d{5}) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  return rows.filter(([, , by]) => by === sender).map(([, code]) => Number(code));
}

it.each([
  { sender: "your endpoint", codes: MerchantErrorCode, more: [-31051] },
  { sender: "Payme", codes: SubscribeErrorCode, more: [] },
])(
  "each code that comes from $sender has one row in docs/errors-by-code.md, and no other has",
  ({ sender, codes, more }) => {
    const wanted = [...Object.values<number>(codes), ...more];
    expect(codesOf(sender).sort()).toEqual(wanted.sort());
  },
);

it("the rows stand in the order of their codes", () => {
  const rows = [...page.matchAll(/^\| (-\d{5}) \|/gm)].map(([, code]) => Number(code));
  expect(rows.length).toBeGreaterThan(50);
  expect(rows).toEqual([...rows].sort((a, b) => b - a));
});
