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
