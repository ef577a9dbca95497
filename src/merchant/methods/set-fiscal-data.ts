import { isRecord } from "../../kit/json";
import { withHooks } from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { type MerchantMethod, storedAccount, subjectOf } from "../method";
import { asTransaction } from "../order";
import { refusalOf, withoutRefusing } from "../refusal";

/** Keeps the answer of the tax service to a sale and to a refund, a refusal too. A repeat changes nothing. */
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
    const fiscal = { type, accepted: acceptedBy(data.status_code), data } as const;
    await hook(subjectOf(saved.row), () =>
      withoutRefusing("onFiscalData", () => context.hooks.onFiscalData?.(fiscal, transaction, tx)),
    );
  });
  return { result: { success: true } };
};

/** Undefined where the data does not say it. Some senders write the code as text. */
function acceptedBy(statusCode: unknown): boolean | undefined {
  if (statusCode === undefined || statusCode === null) return undefined;
  return statusCode === 0 || statusCode === "0";
}
