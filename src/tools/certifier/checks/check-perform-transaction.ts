import type { Check } from "../check";
import { expectAccountCode, expectResult, fail, reached, skip, warn } from "../expect";
import { isJsonObject } from "../json";
import { PAYME } from "../sources";
import { paidOrder } from "../stories/confirmed";
import { busy, created } from "../stories/unconfirmed";

const method = "CheckPerformTransaction";

/** May the account be paid? */
export const checkPerformChecks: readonly Check[] = [
  {
    id: "check-perform.allow",
    method,
    rule: "an order that awaits payment is allowed: `allow: true`",
    sandbox: "CheckPerformTransaction",
    source: PAYME.checkPerform,
    mend: "Answer `{ allow: true }`, or an error; never `allow: false`.",
    async run(run) {
      expectResult((await created(run)).check, { allow: true });
    },
  },
  {
    id: "check-perform.busy-order",
    method,
    only: "one-time",
    rule: "an order that a live transaction holds is refused as Create refuses it",
    source: `${PAYME.checkPerform} (Payme's templates share the code of both)`,
    mend: "Let Check ask what Create asks.",
    async run(run) {
      const { check } = await busy(run);
      if (check.result !== undefined) warn("an error from -31099 to -31050", check);
      expectAccountCode(check, [-31008]);
    },
  },
  {
    id: "check-perform.paid-order",
    method,
    only: "one-time",
    rule: "an order that is paid is refused",
    source: PAYME.checkPerform,
    mend: "Answer -31099 to -31050 where the order awaits no payment.",
    async run(run) {
      expectAccountCode((await paidOrder(run)).check, [-31008]);
    },
  },
  {
    id: "check-perform.detail",
    method,
    rule: "`detail`, where there is one, is within `result` and each item of it is complete",
    source: `${PAYME.checkPerform} (items: title, price, count, code, package_code, vat_percent)`,
    mend: "Put `detail` beside `allow`; price and discount are whole tiyin, price for one piece.",
    async run(run) {
      const { check, order } = await created(run);
      const { detail } = reached(check);
      if (isJsonObject(check.body) && "detail" in check.body) fail("detail within result", check, "detail beside it");
      if (detail === undefined) skip("there is no detail");
      if (!isDetail(detail)) fail("receipt_type, and items that are complete", check);
      const sum = sumOf(detail);
      if (sum !== order.amount) warn(`items and shipping that come to ${order.amount} tiyin`, check, `${sum} tiyin`);
    },
  },
];

interface Detail {
  readonly items: readonly { readonly price: number; readonly count: number; readonly discount?: unknown }[];
  readonly shipping?: unknown;
}

function isDetail(detail: unknown): detail is Detail {
  if (!isJsonObject(detail) || typeof detail.receipt_type !== "number" || !Array.isArray(detail.items)) return false;
  const { shipping } = detail;
  if (shipping !== undefined && !(isJsonObject(shipping) && isPrice(shipping.price))) return false;
  return detail.items.every(
    (item: unknown) =>
      isJsonObject(item) &&
      ["title", "code", "package_code"].every((name) => typeof item[name] === "string") &&
      ["count", "vat_percent"].every((name) => typeof item[name] === "number") &&
      isPrice(item.price) &&
      (item.discount === undefined || isPrice(item.discount)),
  );
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
