import { describe, expect, it } from "vitest";
import {
  httpAnswerOf,
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeEffectError,
  PaymeOutcomeUnknownError,
  PaymeSignatureError,
  PaymeStorageError,
  PaymeValidationError,
} from "../../src/entry";
import { BodyTooLargeError } from "../../src/entry/express";

const INSIDE = "the table orders at db.internal";
const lost = { method: "receipts.create", settledBy: "receipts.get" };

describe("httpAnswerOf", () => {
  it.each([
    [new PaymeValidationError("amount: must be a Tiyin"), 400, "amount: must be a Tiyin"],
    [new PaymeSignatureError("the signature is wrong"), 401, "the signature is wrong"],
    [new PaymeValidationError("there is no such payment", { code: "NOT_FOUND" }), 404, "there is no such payment"],
    [new PaymeValidationError("it is being paid", { code: "CONFLICT" }), 409, "it is being paid"],
    [new BodyTooLargeError(3), 413, "the body is larger than 3 bytes"],
  ])("names the mistake of the caller: %s", (error, status, message) => {
    expect(httpAnswerOf(error)).toEqual({ status, code: error.code, message });
  });

  it.each([
    [new PaymeConfigError(INSIDE), 500, undefined],
    [new PaymeStorageError("STORAGE_MISUSE", INSIDE), 500, undefined],
    [new PaymeAPIError(INSIDE), 502, undefined],
    [new PaymeEffectError(INSIDE), 503, 5],
    [new PaymeEffectError(INSIDE, { code: "NO_FULFILLER" }), 503, 5],
    [new PaymeStorageError("STORAGE_BUSY", INSIDE), 503, 5],
    [new PaymeConnectionError(INSIDE), 504, 5],
    [new PaymeOutcomeUnknownError(INSIDE, lost), 504, undefined],
  ])("tells nothing of the inside, and when to come again: %s", (error, status, retryAfter) => {
    const answer = httpAnswerOf(error);
    expect(answer).toMatchObject({ status, code: error.code, message: expect.stringMatching(/^\w/) });
    expect(answer?.retryAfter).toBe(retryAfter);
    expect(JSON.stringify(answer)).not.toContain("orders");
  });

  it.each([new Error("yours"), new TypeError("yours"), null, undefined, "text", { code: "NOT_FOUND" }])(
    "leaves what is not of this package: %s",
    (error) => {
      expect(httpAnswerOf(error)).toBeUndefined();
    },
  );
});
