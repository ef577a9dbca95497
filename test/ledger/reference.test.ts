import { describe, expect, it } from "vitest";
import { referenceOf, storedReference } from "../../src/ledger";

describe("a reference", () => {
  it.each([197, "197", 197n, 0, -1, Number.MAX_SAFE_INTEGER, 2n ** 70n, "a b"])(
    "%o comes back as it was given",
    (reference) => {
      const stored = storedReference(reference);
      expect(stored).toEqual({ reference: String(reference), referenceType: typeof reference });
      expect(referenceOf(stored)).toBe(reference);
    },
  );

  it.each([
    ["", "an empty text"],
    [Number.NaN, "NaN"],
    [1.5, "1.5"],
    [2 ** 53, "9007199254740992"],
    [undefined, "undefined"],
    [null, "object"],
    [true, "boolean"],
    [["197"], "object"],
  ])("%o is none, and the error says what it saw", (reference, seen) => {
    expect(() => storedReference(reference)).toThrow(
      expect.objectContaining({
        message: `${seen} cannot be a reference`,
        hint: expect.stringContaining("whole number"),
      }),
    );
  });
});
