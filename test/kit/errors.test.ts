import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  isPaymeError,
  PaymeAPIError,
  PaymeConfigError,
  PaymeError,
  PaymeOutcomeUnknownError,
  PaymeSignatureError,
  PaymeValidationError,
} from "../../src/kit/errors";

describe("instanceof", () => {
  it("follows the guide's hierarchy", () => {
    const error = new PaymeSignatureError("the signature does not match");
    expect(error).toBeInstanceOf(PaymeSignatureError);
    expect(error).toBeInstanceOf(PaymeValidationError);
    expect(error).toBeInstanceOf(PaymeError);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(PaymeAPIError);
  });

  it("is false for look-alikes and for values that are no objects", () => {
    for (const value of [
      null,
      undefined,
      1,
      "PaymeError",
      {},
      new Error("x"),
      { name: "PaymeError", code: "API_REFUSED" },
    ]) {
      expect(value instanceof PaymeError).toBe(false);
      expect(isPaymeError(value)).toBe(false);
    }
  });

  it("knows a class that a user derives from the others", () => {
    class ShopError extends PaymeValidationError {}
    const error = new ShopError("x");
    expect(error).toBeInstanceOf(ShopError);
    expect(error).toBeInstanceOf(PaymeValidationError);
    expect(new PaymeValidationError("x")).not.toBeInstanceOf(ShopError);
  });

  it("knows an error of another copy of the package by its lineage", () => {
    const foreign = Object.assign(new Error("from the CommonJS copy"), {
      [Symbol.for("payme-kit.error")]: ["PaymeAPIError", "PaymeError"],
    });
    expect(foreign).toBeInstanceOf(PaymeAPIError);
    expect(foreign).toBeInstanceOf(PaymeError);
    expect(foreign).not.toBeInstanceOf(PaymeConfigError);
    expect(isPaymeError(foreign)).toBe(true);
  });
});

describe("fields", () => {
  it("are the guide's for a refusal of Payme's", () => {
    const error = new PaymeAPIError("Недостаточно средств", { errorCode: "-31630", responseData: { code: -31630 } });
    expect(error).toMatchObject({ name: "PaymeAPIError", code: "API_REFUSED", errorCode: "-31630" });
    expect(error.responseData).toEqual({ code: -31630 });
    expect(error.message).toBe("Недостаточно средств");
    expect(new PaymeAPIError("x")).toMatchObject({ errorCode: null, responseData: null });
  });

  it("name the read that settles an unknown outcome", () => {
    const error = new PaymeOutcomeUnknownError("lost", { method: "receipts.create", settledBy: "receipts.get_all" });
    expect(error).toMatchObject({ code: "OUTCOME_UNKNOWN", settledBy: "receipts.get_all", aborted: false });
  });

  it("leave the lineage out of what is printed", () => {
    expect(inspect(new PaymeConfigError("x", { hint: "do y" }))).not.toContain("payme-kit.error");
  });
});
