import { type LedgerTransaction, withHooks } from "../../ledger";
import { type MerchantContext, type MerchantMethod, requireInteger } from "../method";
import { type Accepted, findFree, readAccount } from "../payable";

/** Checks whether this account may pay this amount: as CreateTransaction does, without a change. */
export const checkPerformTransaction: MerchantMethod = async (context, { scope, params }) => {
  const amount = requireInteger(params, "amount");
  const read = await readAccount(context, params.account);
  const { thing, ...accepted } = await lookAhead(context, (transaction) =>
    findFree(context, transaction, scope, read, amount),
  );
  const detail = typeof thing.detail === "function" ? thing.detail(accepted.amount) : thing.detail;
  return { result: { allow: true, additional: thing.additional, detail } };
};

/** Looks as a Create does, and rolls everything back: only a Create takes the order from an expired holder. */
async function lookAhead<Tx>(
  { ledger }: MerchantContext<Tx>,
  look: (transaction: LedgerTransaction<Tx>) => Promise<Accepted>,
): Promise<Accepted> {
  try {
    return await withHooks(ledger, async (transaction) => {
      throw new TakenBack(await look(transaction));
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.accepted;
    throw error;
  }
}

/** Carries the result out of a transaction that is rolled back. */
class TakenBack extends Error {
  readonly accepted: Accepted;

  constructor(accepted: Accepted) {
    super("rolled back: CheckPerformTransaction changes nothing");
    this.accepted = accepted;
  }
}
