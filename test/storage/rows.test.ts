import { describe, expect, it } from "vitest";
import { integer, nullable, sqlTime, text } from "../../src/entry/adapter";
import { json } from "../../src/storage/sql/columns";
import { compile } from "../../src/storage/sql/executor";
import { eventTable, paymentTable, transactionTable } from "../../src/storage/sql/rows";

const MOST = Number.MAX_SAFE_INTEGER;

describe("an integer column", () => {
  it.each([
    ["SQLite's number", MOST, MOST],
    ["pg's text", "9007199254740991", MOST],
    ["Prisma's bigint", 9007199254740991n, MOST],
    ["a negative state", "-2", -2],
    ["zero", 0n, 0],
  ])("is read from %s", (_driver, value, expected) => {
    expect(integer(value)).toBe(expected);
  });

  it.each([
    ["one above what a number can hold", MOST + 1],
    ["the same as text", "9007199254740992"],
    ["the same as a bigint", 2n ** 63n - 1n],
    ["a fraction", 0.5],
    ["text that is no number", "12a"],
    ["empty text", ""],
    ["NULL", null],
    ["nothing", undefined],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["an object", {}],
  ])("is refused where it is %s", (_what, value) => {
    expect(() => integer(value)).toThrow(TypeError);
  });
});

describe("other columns", () => {
  it("text is text, and nothing else is", () => {
    expect(text("")).toBe("");
    for (const value of [null, undefined, 1, {}]) expect(() => text(value)).toThrow(TypeError);
  });

  it("NULL stays null where it may be", () => {
    expect([nullable(null, integer), nullable(undefined, integer), nullable("7", integer)]).toEqual([null, null, 7]);
  });

  it("JSON is read from text, or taken as the driver parsed it", () => {
    expect([json('{"a":[1]}'), json({ a: [1] })]).toEqual([{ a: [1] }, { a: [1] }]);
  });

  it("a time is UTC text to the millisecond", () => {
    expect([sqlTime(1.7e15), sqlTime(-1e15)]).toEqual(["9999-12-31 23:59:59.999", "0001-01-01 00:00:00.000"]);
    expect([sqlTime(0), sqlTime(1_760_000_000_001)]).toEqual(["1970-01-01 00:00:00.000", "2025-10-09 08:53:20.001"]);
  });

  it("a status, state or mode that we do not know is refused, not passed on", () => {
    expect(() => paymentTable.decode({ mode: "sandbox", cashbox: "default" })).toThrow("sandbox");
    expect(() => transactionTable.decode({ mode: "test", cashbox: "default", payme_id: "1", source: "sms" })).toThrow(
      "sms",
    );
    expect(() => eventTable.decode({ mode: null, cashbox: "default" })).toThrow(TypeError);
  });
});

describe("a statement for SQLite", () => {
  it("has its casts taken off and its parameters in the order of their places", () => {
    expect(compile("UPDATE t SET a = $2::bigint WHERE b = $1::text AND c > $2 RETURNING *")).toEqual({
      text: "UPDATE t SET a = ? WHERE b = ? AND c > ? RETURNING *",
      order: [2, 1, 2],
      returnsRows: true,
    });
    expect(compile("DELETE FROM t WHERE a = $10::integer")).toMatchObject({ order: [10], returnsRows: false });
  });
});
