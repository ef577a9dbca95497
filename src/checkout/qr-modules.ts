/*!
 * Contains uqr (https://github.com/unjs/uqr). MIT License.
 * Copyright (c) Project Nayuki. Copyright (c) 2023 Anthony Fu <https://github.com/antfu>
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
 * files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
 * modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
 * Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice
 * shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY
 * OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
 * PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
 * THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */
import { encode } from "uqr";
import { invalid } from "./checkout-params";

/** The bytes that the largest QR code holds. Source: ISO/IEC 18004, table 7, version 40. */
const CAPACITY_BYTES = { L: 2953, M: 2331, Q: 1663, H: 1273 };

/** What a QR code is made of. */
export interface QrModulesOptions {
  readonly errorCorrection: keyof typeof CAPACITY_BYTES;
  /** The quiet zone, in modules. */
  readonly border: number;
}

/**
 * The modules of a QR code, row by row; true is dark.
 *
 * @throws PaymeValidationError when the text is too long for one.
 */
export function qrModules(
  text: string,
  { errorCorrection, border }: QrModulesOptions,
): readonly (readonly boolean[])[] {
  refuseTooLong(text, errorCorrection);
  return encode(text, { ecc: errorCorrection, border }).data;
}

function refuseTooLong(text: string, errorCorrection: keyof typeof CAPACITY_BYTES): void {
  if (!Object.hasOwn(CAPACITY_BYTES, errorCorrection)) throw invalid("errorCorrection", "must be L, M, Q or H");
  const capacity = CAPACITY_BYTES[errorCorrection];
  const { length } = new TextEncoder().encode(text);
  if (length <= capacity) return;
  throw invalid(
    "the link",
    `has ${length} bytes, and a QR code with error correction ${errorCorrection} holds ${capacity}`,
    "Shorten the return address and the account's values, or put the address of a page of yours into the code.",
  );
}
