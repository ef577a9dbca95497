import { PaymeValidationError } from "../kit/errors";
import type { Receipt } from "../protocol/receipt";

/** Members in which a gateway has been seen to send the pay page; Payme itself sends none. */
const URL_MEMBERS = ["pay_url", "checkout_url"];

/**
 * The page on which a receipt is paid: what the answer carries, else `<api base>/<receipt id>`.
 * Payme documents no such address; at least eight unrelated code bases build it so.
 *
 * @throws PaymeValidationError when there is no id to build it from.
 */
export function receiptUrl(apiBase: string, receipt: Pick<Receipt, "_id"> | string): string {
  const carried = typeof receipt === "string" ? undefined : carriedUrl(receipt);
  if (carried !== undefined) return carried;
  const id = typeof receipt === "string" ? receipt : receipt._id;
  if (typeof id !== "string" || id === "") throw new PaymeValidationError("receiptUrl: give a receipt or its _id");
  return `${apiBase}/${encodeURIComponent(id)}`;
}

function carriedUrl(receipt: object): string | undefined {
  return URL_MEMBERS.map((member): unknown => Reflect.get(receipt, member)).find(isWebUrl);
}

// A page that a browser is sent to: never javascript: or data:.
function isWebUrl(value: unknown): value is string {
  return typeof value === "string" && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
