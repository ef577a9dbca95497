import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "../../src/entry/gateway";
import { describeWith } from "../machine";

/** What a Wedy server in Python signs: the body's bytes read as strict UTF-8, without `signature`, keys sorted or not. */
const PROGRAM = `
import json, sys
for line in sys.stdin:
    text, sort = json.loads(line)
    try:
        data = json.loads(text)
        if isinstance(data, dict): data.pop("signature", None)
        print(json.dumps(json.dumps(data, separators=(",", ":"), sort_keys=sort)))
    except (ValueError, RecursionError):
        print("null")
`;

const NOTIFICATION =
  '{"method": "receipts.pay", "signature": "\\u0041\\ud83c\\udf89", "params": {"id": "64f8", "amount": 5e6, ' +
  '"rate": -0.0001e-3, "10": [NaN, -Infinity, {}], "2": {"ў": null, "🎉": true, "\\uffff": 1E+16}, "a": [1.0, 12345678901234567890]}}';

/** Pieces that a printer or a reader may take the wrong way, put in at random places. */
const PIECES = [
  ...'[]{},:"\\0123456789.eE-+ \n\t\r\u007f\u0000\u001fў🎉ufnt',
  ...[
    "00",
    "-0",
    "1e400",
    "1e-400",
    "\\u",
    "\\ud800",
    "\\udc00",
    "\\u0000",
    "\\/",
    '"":',
    "null",
    "NaN",
    "-Inf",
    '"a"',
  ],
  ...['"signature":1,', "\u00a0", "\ufeff", "\u2028", "/**/", "'"],
];

const edit = fc.record({ at: fc.nat(NOTIFICATION.length), cut: fc.nat(3), piece: fc.constantFrom("", ...PIECES) });
const mutated = fc
  .array(edit, { maxLength: 4 })
  .map((edits) =>
    edits.reduce((text, { at, cut, piece }) => text.slice(0, at) + piece + text.slice(at + cut), NOTIFICATION),
  )
  // Cutting an emoji in two gives text that no bytes in UTF-8 can hold.
  .filter((text) => Buffer.from(text).toString() === text);

describeWith("python3", "a notification changed at random places", () => {
  it("is refused or printed as python3 does, byte for byte, 20,000 times", () => {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    console.log(`mutated notifications against python3: SEED=${seed}`);
    const cases = fc.sample(fc.tuple(mutated, fc.boolean()), { numRuns: 20_000, seed });
    const input = cases.map((each) => `${JSON.stringify(each)}\n`).join("");
    const { stdout } = spawnSync("python3", ["-c", PROGRAM], { input, encoding: "utf8", maxBuffer: 2 ** 29 });
    const expected = stdout.trimEnd().split("\n");
    expect(expected).toHaveLength(cases.length);

    const refused = expected.filter((line) => line === "null").length;
    expect(Math.min(refused, cases.length - refused)).toBeGreaterThan(2_000);
    cases.forEach(([text, sortKeys], index) => {
      const ours = canonicalJson(text, { sortKeys, omitTopLevel: "signature" }) ?? null;
      expect(ours, text).toBe(JSON.parse(expected[index] ?? ""));
    });
  }, 60_000);
});
