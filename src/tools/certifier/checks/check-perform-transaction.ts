import { ONE_TIME } from "../account-kind";
import { checksOf } from "../check";
import { expectAccountCode, expectResult, fail, reached, skip, warn } from "../expect";
import { isJsonObject } from "../json";
import { PAYME } from "../sources";
import { busy, created, paidOrder } from "../stories/sandbox";

/** The checks of CheckPerformTransaction. */
export const checkPerformChecks = checksOf("CheckPerformTransaction", [
  {
    id: "check-perform.allow",
    rule: "an order that awaits payment is allowed: `allow: true`",
    sandbox: "CheckPerformTransaction",
    source: PAYME.checkPerform,
    mend: "Answer `{ allow: true }`, or an error; never `allow: false`.",
    run: async (run) => expectResult((await created(run)).check, { allow: true }),
  },
  {
    id: "check-perform.busy-order",
    kinds: ONE_TIME,
    rule: "an order with a live transaction is refused, as Create refuses it",
    source: `${PAYME.checkPerform} (in Payme's templates, both share their code)`,
    mend: "Check the same conditions as Create.",
    async run(run) {
      const { check } = await busy(run);
      if (check.result !== undefined) warn("an error from -31099 to -31050", check);
      expectAccountCode(check, [-31008]);
    },
  },
  {
    id: "check-perform.paid-order",
    kinds: ONE_TIME,
    rule: "a paid order is refused",
    source: PAYME.checkPerform,
    mend: "Answer -31099 to -31050 unless the order awaits payment.",
    run: async (run) => expectAccountCode((await paidOrder(run)).check, [-31008]),
  },
  {
    id: "check-perform.detail",
    rule: "`detail`, where present, is in `result`, and each of its items is complete",
    source: `${PAYME.checkPerform} (items: title, price, count, code, package_code, vat_percent)`,
    mend: "Put `detail` beside `allow`; price (of one piece) and discount are whole tiyin.",
    async run(run) {
      const { check, order } = await created(run);
      const { detail } = reached(check);
      if (isJsonObject(check.body) && "detail" in check.body) fail("detail in result", check, "detail beside result");
      if (detail === undefined) skip("the answer has no detail");
      if (detail === null) warn("no member detail", check, "detail null");
      if (!isDetail(detail)) fail("receipt_type, and complete items", check);
      const sum = sumOf(detail);
      if (sum !== order.amount) warn(`a sum of items and shipping of ${order.amount} tiyin`, check, `${sum} tiyin`);
      const isEmpty = detail.shipping === null || detail.items.some(({ discount }) => discount === null);
      if (isEmpty) warn("no member without a value", check, "shipping or discount null");
    },
  },
]);

interface Detail {
  readonly items: readonly { readonly price: number; readonly count: number; readonly discount?: unknown }[];
  readonly shipping?: unknown;
}

function isDetail(detail: unknown): detail is Detail {
  if (!isJsonObject(detail) || typeof detail.receipt_type !== "number" || !Array.isArray(detail.items)) return false;
  const { shipping } = detail;
  if (isGiven(shipping) && !(isJsonObject(shipping) && isPrice(shipping.price))) return false;
  return detail.items.every(
    (item: unknown) =>
      isJsonObject(item) &&
      ["title", "code", "package_code"].every((name) => typeof item[name] === "string") &&
      ["count", "vat_percent"].every((name) => typeof item[name] === "number") &&
      isPrice(item.price) &&
      (!isGiven(item.discount) || isPrice(item.discount)),
  );
}

/** False for a member that is left out, or null. */
function isGiven(member: unknown): boolean {
  return member !== undefined && member !== null;
}

function isPrice(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function sumOf({ items, shipping }: Detail): number {
  const extra = isJsonObject(shipping) ? numberOr0(shipping.price) : 0;
  return items.reduce((sum, { price, count, discount }) => sum + price * count - numberOr0(discount), extra);
}

function numberOr0(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
