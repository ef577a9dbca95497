import type { MerchantMethod } from "../method";
import { cancelTransaction } from "./cancel-transaction";
import { changePassword } from "./change-password";
import { checkPerformTransaction } from "./check-perform-transaction";
import { checkTransaction } from "./check-transaction";
import { createTransaction } from "./create-transaction";
import { getStatement } from "./get-statement";
import { performTransaction } from "./perform-transaction";
import { setFiscalData } from "./set-fiscal-data";

/** The methods by their names on the wire. */
export const merchantMethods: ReadonlyMap<string, MerchantMethod> = new Map<string, MerchantMethod>([
  ["CheckPerformTransaction", checkPerformTransaction],
  ["CreateTransaction", createTransaction],
  ["PerformTransaction", performTransaction],
  ["CancelTransaction", cancelTransaction],
  ["CheckTransaction", checkTransaction],
  ["GetStatement", getStatement],
  ["SetFiscalData", setFiscalData],
  ["ChangePassword", changePassword],
]);
