import * as cards from "./cards";
import type { Method } from "./method";
import * as receipts from "./receipts";

/** The methods of the mock's API. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["cards.create", cards.create],
  ["cards.get_verify_code", cards.getVerifyCode],
  ["cards.verify", cards.verify],
  ["cards.check", cards.check],
  ["cards.remove", cards.remove],
  ["receipts.create", receipts.create],
  ["receipts.pay", receipts.pay],
  ["receipts.send", receipts.send],
  ["receipts.cancel", receipts.cancel],
  ["receipts.confirm_hold", receipts.confirmHold],
  ["receipts.check", receipts.check],
  ["receipts.get", receipts.get],
  ["receipts.get_all", receipts.getAll],
  ["receipts.set_fiscal_data", receipts.setFiscalData],
]);
