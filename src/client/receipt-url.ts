import { PaymeValidationError } from "../kit/errors";
import type { Receipt } from "../protocol/receipt";
import { isWebUrl } from "./settings";

/** Members in which gateways send the address of the pay page. Payme itself sends none. */
const URL_MEMBERS = ["pay_url", "checkout_url"];

/**
 * The address of the page on which a receipt is paid: from the answer, else `<api base>/<receipt id>`.
 * Payme does not document it; at least eight unrelated code bases build it so.
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
