import { describe, expect, it } from "vitest";
import { fiscalDetail, type NewFiscalItem } from "../../src/entry/checkout";
import { PaymeValidationError } from "../../src/kit/errors";
import { som, tiyin } from "../../src/kit/money";

const tea: NewFiscalItem = {
  title: "Tea",
  price: som(5_000),
  count: 2,
  code: "00902001001000099",
  packageCode: "1234567",
  vatPercent: 12,
};

describe("fiscalDetail", () => {
  it.each<[string, Partial<NewFiscalItem>]>([
    ["title", { title: " " }],
    ["count", { count: 0 }],
    ["count", { count: Number.NaN }],
    ["code", { code: "123" }],
    ["code", { code: "0090200100100009x" }],
    ["packageCode", { packageCode: "" }],
    ["vatPercent", { vatPercent: 101 }],
    ["discount", { discount: som(10_001) }],
    ["units", { units: 1.5 }],
    ["units", { units: Number.NaN }],
  ])("refuses a line whose %s is wrong, and says which line", (field, change) => {
    const attempt = () => fiscalDetail({ items: [tea, { ...tea, ...change }] });
    expect(attempt).toThrow(PaymeValidationError);
    expect(attempt).toThrow(new RegExp(`line 2: .*${field}`));
  });

  it("makes the numbers of a row right: text, bigint, Decimal, codes without their zeros", () => {
    const decimal = { toString: () => "1.500" };
    const row = {
      ...tea,
      count: decimal,
      code: 902001001000099,
      packageCode: 1234567n,
      vatPercent: "12.00",
      units: "241092",
    };
    const right = { count: 1.5, code: "00902001001000099", package_code: "1234567", vat_percent: 12, units: 241092 };
    expect(fiscalDetail({ items: [row] }).items[0]).toMatchObject(right);
    const asText = { ...tea, count: "2", code: 10305008003000000n, packageCode: "0123", vatPercent: 0n };
    expect(fiscalDetail({ items: [asText] }).items[0]).toMatchObject({
      count: 2,
      code: "10305008003000000",
      package_code: "0123",
      vat_percent: 0,
    });
  });

  it.each<[string, object]>([
    ["title", { title: undefined }],
    ["title", { title: null }],
    ["title", { title: 5 }],
    ["vatPercent", { vatPercent: null }],
    ["vatPercent", { vatPercent: "" }],
    ["vatPercent", { vatPercent: true }],
    ["vatPercent", { vatPercent: "12%" }],
    ["vatPercent", { vatPercent: undefined }],
    ["count", { count: "two" }],
    ["count", { count: null }],
    ["count", { count: "-1" }],
    // 10305008003000001 is no number that JavaScript can hold: another code would be sent.
    ["code", { code: Number("10305008003000001") }],
    ["code", { code: 9.5 }],
    ["code", { code: null }],
    ["packageCode", { packageCode: -1 }],
    ["packageCode", { packageCode: null }],
    ["price", { price: "500000" }],
    ["price", { price: 500_000n }],
    ["price", { price: undefined }],
    ["discount", { discount: "100" }],
    ["discount", { discount: null }],
    ["units", { units: null }],
    ["vat_percent is no member of a line: write vatPercent", { vat_percent: 12 }],
    ["package_code is no member of a line: write packageCode", { package_code: "1" }],
    ["discount_sum is no member of a line$", { discount_sum: 100 }],
  ])("refuses what a row may have as %s: %o", (field, change) => {
    const rows = JSON.parse("[]");
    rows.push(tea, { ...tea, ...change });
    const attempt = () => fiscalDetail({ items: rows });
    expect(attempt).toThrow(PaymeValidationError);
    expect(attempt).toThrow(new RegExp(`line 2: .*${field}`));
  });

  it.each([null, undefined, {}, "x", [null], [undefined], ["x"], [[]]])(
    "refuses %j as lines, with a sentence",
    (items) => {
      const given = Object.assign(Object.create(null), { items });
      expect(() => fiscalDetail(given)).toThrow(PaymeValidationError);
      expect(() => fiscalDetail(given)).toThrow(/^fiscalDetail: (?:items needs|line 1: give an object)/);
    },
  );

  it.each([null, {}, { title: null, price: 5 }, { price: 5 }, { title: "x", price: "5" }])(
    "refuses %j as shipping",
    (shipping) => {
      const given = Object.assign(Object.create(null), { items: [tea], shipping });
      expect(() => fiscalDetail(given)).toThrow("fiscalDetail: shipping needs a title and a price in tiyin");
    },
  );

  it("refuses to be empty", () => {
    expect(() => fiscalDetail({ items: [] })).toThrow("at least one line");
  });

  it("has the wire's names, a discount of 0 where none is given, and shipping where it is", () => {
    expect(fiscalDetail({ items: [tea], shipping: { title: "Courier", price: tiyin(0) } })).toEqual({
      receipt_type: 0,
      shipping: { title: "Courier", price: 0 },
      items: [
        {
          title: "Tea",
          price: 500_000,
          count: 2,
          code: "00902001001000099",
          package_code: "1234567",
          vat_percent: 12,
          discount: 0,
        },
      ],
    });
  });

  it("takes a line that is free: 0.57 of 100 tiyin is 57, and not the 56.99999999999999 of floats", () => {
    const sugar = { ...tea, price: tiyin(100), count: 0.57, discount: tiyin(57) };
    const onWarning = (message: string) => expect.unreachable(message);
    expect(fiscalDetail({ items: [sugar], amount: tiyin(0), onWarning }).items).toHaveLength(1);
    expect(() => fiscalDetail({ items: [{ ...sugar, discount: tiyin(58) }] })).toThrow("discount");
  });

  it("warns of a sum that differs, and refuses nothing for it", () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const discounted = { ...tea, discount: som(500) };
    fiscalDetail({ items: [discounted], shipping: { title: "x", price: som(500) }, amount: som(10_000), onWarning });
    expect(warnings).toEqual([]);
    fiscalDetail({ items: [discounted], amount: som(10_000), onWarning });
    expect(warnings).toEqual(["the fiscal detail comes to 950000 tiyin, and the order to 1000000"]);
  });
});
