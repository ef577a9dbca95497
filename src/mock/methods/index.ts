import * as cards from "./cards";
import type { Method } from "./context";
import * as receipts from "./receipts";

/** The methods that the mock knows. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["cards.create", cards.create],
  ["cards.get_verify_code", cards.getVerifyCode],
  ["cards.verify", cards.verify],
  ["cards.check", cards.check],
  ["cards.remove", cards.remove],
  ["receipts.create", receipts.create],
  ["receipts.pay", receipts.pay],
  ["receipts.cancel", receipts.cancel],
  ["receipts.check", receipts.check],
  ["receipts.get", receipts.get],
  ["receipts.get_all", receipts.getAll],
]);
