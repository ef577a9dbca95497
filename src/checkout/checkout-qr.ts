import { type CheckoutParams, invalid, isWebAddress } from "./checkout-params";
import { checkoutUrl } from "./checkout-url";
import { qrModules } from "./qr-modules";

export type { CheckoutParams } from "./checkout-params";

/** How a QR code looks. */
export interface CheckoutQrOptions {
  /** Width and height of the image, in CSS pixels. Default 250, as Payme's own. */
  sizePx?: number | undefined;
  /** The quiet zone around it, in modules. Default 4, which the standard asks for. */
  borderModules?: number | undefined;
  /** `#rgb`, `#rrggbb` or a name. Default black. */
  color?: string | undefined;
  /** `#rgb`, `#rrggbb`, a name, or `transparent`. Default white. */
  backgroundColor?: string | undefined;
  /** How much may be dirty or torn: L 7 %, M 15 %, Q 25 %, H 30 %. The more, the finer the modules. Default M. */
  errorCorrection?: "L" | "M" | "Q" | "H" | undefined;
  /** What a screen reader says. Default `Payme`. */
  title?: string | undefined;
}

const MAX_SIZE_PX = 10_000;
const MAX_BORDER_MODULES = 100;

/**
 * A QR code with a checkout link, as SVG for a page, a receipt or a poster. The payer's telephone opens the link.
 *
 * @param link what is to be paid, or the address of a page: a payment's `payUrl`, or {@link checkoutUrl}'s.
 * @throws PaymeValidationError when the link is none, is too long for a QR code, or an option is not what it should be.
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
    ` shape-rendering="crispEdges" role="img"><title>${escaped(title)}</title>`,
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

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
