import { PaymeValidationError } from "../kit/errors";

/** The body is larger than allowed. Answer 413. */
export class BodyTooLargeError extends PaymeValidationError {
  static override readonly brand: string = "BodyTooLargeError";
  override readonly name: string = "BodyTooLargeError";

  constructor(limitBytes: number) {
    super(`the body is larger than ${limitBytes} bytes`, { code: "BODY_TOO_LARGE" });
  }
}

/** The part of a body over the limit that is read and dropped: the answer must reach a sender that is still writing. */
export const DROPPED_BYTES = 4 * 1024 * 1024;

/** Returns the error for a body that a parser has read without keeping its bytes. */
export function bodyWasParsed(hint: string): PaymeValidationError {
  return new PaymeValidationError("a body parser has read the request and did not keep its bytes", { hint });
}

/** Returns the error for a body whose sender went away. */
export function senderGone(): PaymeValidationError {
  return new PaymeValidationError("the sender went away before the body was complete");
}
