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
import { type CheckoutParams, invalid, isWebAddress } from "./checkout-params";
import { checkoutUrl } from "./checkout-url";
import { escapeHtml } from "./encode";

export type { CheckoutParams } from "./checkout-params";

/** Options of {@link checkoutQr}. */
export interface CheckoutQrOptions {
  /** Width and height of the image, in CSS pixels. Default 250, as in Payme's own. */
  sizePx?: number | undefined;
  /** The quiet zone around it, in modules. Default 4, which the standard asks for. */
  borderModules?: number | undefined;
  /** `#rgb`, `#rrggbb` or a name. Default black. */
  color?: string | undefined;
  /** `#rgb`, `#rrggbb`, a name, or `transparent`. Default white. */
  backgroundColor?: string | undefined;
  /** How much of the code may be damaged: L 7 %, M 15 %, Q 25 %, H 30 %. More makes the modules smaller. Default M. */
  errorCorrection?: "L" | "M" | "Q" | "H" | undefined;
  /** The text for screen readers. Default `Payme`. */
  title?: string | undefined;
}

/** The bytes that the largest QR code holds. Source: ISO/IEC 18004, table 7, version 40. */
const CAPACITY_BYTES = { L: 2953, M: 2331, Q: 1663, H: 1273 };
const MAX_SIZE_PX = 10_000;
const MAX_BORDER_MODULES = 100;

/**
 * Makes a QR code with a checkout link, as SVG for a page, a receipt or a poster. The payer's telephone opens the link.
 *
 * @param link the params of {@link checkoutUrl}, or the address of a page, like a payment's `payUrl`.
 * @throws PaymeValidationError when the link is not an address or too long for a QR code, or an option is wrong.
 * @example
 * const svg = checkoutQr({ merchantId: "587f72c72cac0d162c722ae2", account: { order_id: 197 }, amount: tiyin(500) });
 */
export function checkoutQr(link: CheckoutParams | string, options: CheckoutQrOptions = {}): string {
  const { color = "black", backgroundColor = "white", title = "Payme", errorCorrection = "M" } = options;
  const size = checkedInteger("sizePx", options.sizePx ?? 250, 1, MAX_SIZE_PX);
  const border = checkedInteger("borderModules", options.borderModules ?? 4, 0, MAX_BORDER_MODULES);
  const text = typeof link === "string" ? checkedAddress(link) : checkoutUrl(link);
  const data = qrModules(text, { errorCorrection, border });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${data.length} ${data.length}"`,
    ` shape-rendering="crispEdges" role="img"><title>${escapeHtml(title)}</title>`,
    `<path fill="${checkedColor("backgroundColor", backgroundColor)}" d="M0 0h${data.length}v${data.length}H0z"/>`,
    `<path fill="${checkedColor("color", color)}" d="${data.map(pathOfRow).join("")}"/></svg>`,
  ].join("");
}

/** A rectangle for each run of dark modules. */
function pathOfRow(row: readonly boolean[], y: number): string {
  const modules = row.map((isDark) => (isDark ? "1" : "0")).join("");
  return [...modules.matchAll(/1+/g)]
    .map(({ 0: run, index }) => `M${index} ${y}h${run.length}v1h-${run.length}z`)
    .join("");
}

function checkedAddress(text: string): string {
  if (isWebAddress(text)) return text;
  throw invalid("the link", "must be an http(s) address");
}

function checkedInteger(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(option, `must be a whole number from ${min} to ${max}`);
}

function checkedColor(option: string, color: string): string {
  if (/^(#[\da-f]{3}|#[\da-f]{6}|[a-z]{1,32})$/i.test(color)) return color;
  throw invalid(option, "must be #rgb, #rrggbb or the name of a colour");
}

/** The modules of a QR code, row by row; true is dark. @throws PaymeValidationError when the text is too long. */
export function qrModules(
  text: string,
  { errorCorrection, border }: { errorCorrection: keyof typeof CAPACITY_BYTES; border: number },
): readonly (readonly boolean[])[] {
  if (!Object.hasOwn(CAPACITY_BYTES, errorCorrection)) throw invalid("errorCorrection", "must be L, M, Q or H");
  const capacity = CAPACITY_BYTES[errorCorrection];
  const { length } = new TextEncoder().encode(text);
  if (length <= capacity) return encode(text, { ecc: errorCorrection, border }).data;
  throw invalid(
    "the link",
    `has ${length} bytes, and a QR code with error correction ${errorCorrection} holds ${capacity}`,
    "Shorten the return address and the account's values, or give the address of your own page.",
  );
}
