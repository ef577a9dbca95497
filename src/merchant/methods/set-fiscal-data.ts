import { withHooks } from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { concernOf, type MerchantMethod, storedAccount } from "../context";
import { asTransaction } from "../order";
import { isRecord } from "../params";
import { refusalOf } from "../refusal";

/** Keeps what the tax service said of a sale or a refund; both are kept, and a refused one too. A repeat changes nothing. */
export const setFiscalData: MerchantMethod = async (context, { scope, params }) => {
  const { id, type, fiscal_data: data } = params;
  if (typeof id !== "string" || id === "") throw refusalOf(MerchantErrorCode.INVALID_FISCAL_PARAMS, "id");
  if (type !== "PERFORM" && type !== "CANCEL") throw refusalOf(MerchantErrorCode.INVALID_FISCAL_PARAMS, "type");
  if (!isRecord(data)) throw refusalOf(MerchantErrorCode.INVALID_FISCAL_PARAMS, "fiscal_data");
  await withHooks(context.ledger, async ({ verbs, tx, hook }) => {
    const saved = await verbs.saveFiscalData(scope, id, type, data);
    if (saved.outcome === "not_found") throw refusalOf(MerchantErrorCode.RECEIPT_NOT_FOUND);
    if (saved.outcome !== "applied") return;
    const transaction = asTransaction(saved.row, await storedAccount(context, saved.row));
    const fiscal = { type, accepted: data.status_code === 0, data } as const;
    await hook(concernOf(saved.row), () => context.hooks.onFiscalData?.(fiscal, transaction, tx));
  });
  return { result: { success: true } };
};
