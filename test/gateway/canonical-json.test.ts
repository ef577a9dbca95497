import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/entry/gateway";
import { growthOf, LINEAR } from "../growth";
import { describeWith } from "../machine";
import vectors from "../vectors/signature.json";

describe("canonicalJson refuses what Python refuses", () => {
  it.each([
    "",
    " ",
    "{",
    "[1,]",
    "{,}",
    '{"a":1,}',
    '{"a" 1}',
    "{a:1}",
    "01",
    "1.",
    ".5",
    "+1",
    "- 1",
    "1e",
    "0x1",
    "tru",
    "truex",
    "-NaN",
    "1 2",
    '"\\x"',
    '"\\u12g4"',
    '"a',
    '"line\nbreak"',
    "\ufeff1",
    "\u00a01",
    "'a'",
  ])("%j", (text) => {
    expect(canonicalJson(text)).toBeUndefined();
  });

  it("an integer of 4,301 digits, and takes one of 4,300", () => {
    expect(canonicalJson("9".repeat(4301))).toBeUndefined();
    expect(canonicalJson(`-${"9".repeat(4300)}`)).toBe(`-${"9".repeat(4300)}`);
  });

  it("more than 500 levels, empty ones too", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    expect(canonicalJson(nested(500))).toBe(nested(500));
    expect(canonicalJson(nested(501))).toBeUndefined();
    expect(canonicalJson(`${'{"a":'.repeat(501)}1${"}".repeat(501)}`)).toBeUndefined();
  });
});

describe("canonicalJson prints as Python does", () => {
  it.each(vectors)("$name", ({ body, canonical }) => {
    expect(canonicalJson(body, { omitTopLevel: "signature" })).toBe(canonical);
  });

  it.each([
    ["-0", "0"],
    ["-0.0", "-0.0"],
    ["-0e5", "-0.0"],
    ["1e5", "100000.0"],
    ["0.1e1", "1.0"],
    ["1e15", "1000000000000000.0"],
    ["1e16", "1e+16"],
    ["0.0001", "0.0001"],
    ["1e-5", "1e-05"],
    ["-1E-7", "-1e-07"],
    ["1e400", "Infinity"],
    ["-1e400", "-Infinity"],
    ["[NaN,Infinity,-Infinity]", "[NaN,Infinity,-Infinity]"],
    ["123456789012345680.0", "1.2345678901234568e+17"],
    ["9007199254740993.0", "9007199254740992.0"],
    ["5e-324", "5e-324"],
    ["1.7976931348623157e308", "1.7976931348623157e+308"],
    ["100000000000000000000000001", "100000000000000000000000001"],
    ['"\\u007f\\/\\u2028"', '"\\u007f/\\u2028"'],
    ['"\\ud83c\\udf89 \\udf89"', '"\\ud83c\\udf89 \\udf89"'],
    ['{"a":1,"b":2,"\\u0061":3}', '{"a":3,"b":2}'],
    ['{"__proto__":{"x":1},"constructor":2}', '{"__proto__":{"x":1},"constructor":2}'],
    [" [ 1 , { } , [ ] ] ", "[1,{},[]]"],
  ])("%s as %s", (text, printed) => {
    expect(canonicalJson(text)).toBe(printed);
  });

  it("sorts keys by code point, not by UTF-16 unit", () => {
    expect(canonicalJson('{"\\uffff":1,"\\ud83c\\udf89":2,"b":{"z":1,"a":2}}', { sortKeys: true })).toBe(
      '{"b":{"a":2,"z":1},"\\uffff":1,"\\ud83c\\udf89":2}',
    );
  });

  it("leaves a member out at the top only", () => {
    const text = '{"signature":1,"in":{"signature":2},"signature":3}';
    expect(canonicalJson(text, { omitTopLevel: "signature" })).toBe('{"in":{"signature":2}}');
    expect(canonicalJson('["signature"]', { omitTopLevel: "signature" })).toBe('["signature"]');
  });
});

describe("canonicalJson takes time in proportion to the number of", () => {
  it.each([
    ["brackets", (size: number) => "[".repeat(size)],
    ["objects", (size: number) => '{"a":'.repeat(size)],
    ["text", (size: number) => `"${"a".repeat(size)}"`],
    ["escapes", (size: number) => `"${"\\n".repeat(size)}"`],
    ["digits", (size: number) => "9".repeat(size)],
    ["a text that is not closed", (size: number) => `"${"a".repeat(size)}`],
    ["items", (size: number) => `[${"1,".repeat(size)}1]`],
    ["members", (size: number) => `{${Array.from({ length: size }, (_, n) => `"${n}":1`).join()}}`],
  ])("%s", (_name, textOf) => {
    const growth = growthOf(4_000, (size) => {
      const text = textOf(size);
      return () => canonicalJson(text);
    });
    expect(growth).toBeLessThan(LINEAR);
  });
});

describeWith("python3", "canonicalJson agrees with python3", () => {
  const program = [
    "import json, sys",
    "for line in sys.stdin:",
    "    text, sort = json.loads(line)",
    "    try: print(json.dumps(json.dumps(json.loads(text), separators=(',', ':'), sort_keys=sort)))",
    "    except (ValueError, RecursionError): print('null')",
  ].join("\n");

  function pythonSays(cases: readonly (readonly [string, boolean])[]): unknown[] {
    const input = cases.map((each) => `${JSON.stringify(each)}\n`).join("");
    const { stdout } = spawnSync("python3", ["-c", program], { input, encoding: "utf8", maxBuffer: 2 ** 29 });
    return stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  }

  it("on 20,000 random texts", () => {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    console.log(`canonical form against python3: SEED=${seed}`);
    const cases = fc.sample(fc.tuple(jsonLikeText, fc.boolean()), { numRuns: 20_000, seed });
    const expected = pythonSays(cases);
    expect(expected).toHaveLength(cases.length);
    expect(expected.filter((text) => text !== null).length).toBeGreaterThan(5_000);
    cases.forEach(([text, sortKeys], index) => {
      expect(canonicalJson(text, { sortKeys }) ?? null, text).toBe(expected[index]);
    });
  }, 60_000);
});

/** JSON as people, machines and attackers write it: valid mostly, with the corners that printers differ in. */
const numberText = fc.oneof(
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.tuple(fc.integer(), fc.nat(99), fc.integer({ min: -330, max: 330 })).map(([a, b, e]) => `${a}.${b}e${e}`),
  fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(20)).map(([value, n]) => value.toExponential(n)),
  fc.constantFrom("-0", "-0.0", "NaN", "Infinity", "-Infinity", "1E+2", "0e0", "00", "1.", "-"),
);
const stringText = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
  fc
    .array(fc.constantFrom("\\ud83c", "\\udf89", "\\u00e9", "\\/", "\\b", "\u007f", "a", "ў", "\\u", "\n", "🎉"))
    .map((parts) => `"${parts.join("")}"`),
);
const space = fc.constantFrom("", "", "", " ", "\n", "\t ", "\u00a0");
const { value: jsonLikeText } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(numberText, stringText, fc.constantFrom("true", "false", "null")),
    fc
      .tuple(space, fc.array(tie("value"), { maxLength: 4 }))
      .map(([gap, items]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
    fc
      .tuple(
        space,
        fc.array(fc.tuple(fc.oneof(stringText, fc.constantFrom('"a"', '"b"', '"1"', '"10"')), tie("value")), {
          maxLength: 5,
        }),
      )
      .map(([gap, members]) => `{${gap}${members.map(([key, value]) => `${key}${gap}:${value}`).join(",")}}`),
  ),
}));
