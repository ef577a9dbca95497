import { randomBytes } from "node:crypto";
import { checkoutUrl, createMerchantApi, type Mode, type PaymentRow, type Storage } from "payme-kit";
import type { Tariffs } from "payme-kit/tariffs";
import type { MerchantKeys } from "./config";
import type { Logs } from "./logging";

/** The endpoint that Payme calls: its orders are the tariffs' payments. Without a key, it refuses everybody. */
export function createMerchant(
  tariffs: Tariffs,
  storage: Storage<unknown>,
  { key, testKey }: MerchantKeys,
  logs: Logs,
) {
  const nobodysKey = randomBytes(27).toString("base64url");
  const isClosed = key.length === 0 && testKey.length === 0;
  return createMerchantApi({
    ...tariffs.payments.asOrders(),
    storage,
    key: isClosed ? nobodysKey : key,
    testKey,
    logger: logs.payme,
    onExchange: logs.exchange,
  });
}

/** Makes the checkout links of payments: with them Payme asks our endpoint, by our own id. `host`: a mock's. */
export function checkoutLinks(
  merchantId: string,
  mode: Mode,
  host?: string,
): (payment: Pick<PaymentRow, "id" | "amount">) => string {
  return ({ id, amount }) => checkoutUrl({ merchantId, account: { order_id: id }, amount, mode, host });
}
