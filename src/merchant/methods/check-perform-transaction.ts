import { type LedgerTransaction, withHooks } from "../../ledger";
import type { MerchantContext, MerchantMethod } from "../context";
import { requireAmount } from "../params";
import { type Accepted, findFree, readAccount } from "./payable";

/** May this account pay this amount? Asks the same as CreateTransaction, and changes nothing. */
export const checkPerformTransaction: MerchantMethod = async (context, { scope, params }) => {
  const amount = requireAmount(params);
  const read = await readAccount(context, params.account);
  const { thing, ...accepted } = await lookAhead(context, (booking) => findFree(context, booking, scope, read, amount));
  const detail = typeof thing.detail === "function" ? thing.detail(accepted.amount) : thing.detail;
  return { result: { allow: true, additional: thing.additional, detail } };
};

/** What a Create would find. Everything is rolled back: an expired holder has lost its order only once a Create came. */
async function lookAhead<Tx>(
  { ledger }: MerchantContext<Tx>,
  look: (booking: LedgerTransaction<Tx>) => Promise<Accepted>,
): Promise<Accepted> {
  try {
    return await withHooks(ledger, async (booking) => {
      throw new TakenBack(await look(booking));
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.accepted;
    throw error;
  }
}

/** Carries what was found out of a transaction that is rolled back. */
class TakenBack extends Error {
  readonly accepted: Accepted;

  constructor(accepted: Accepted) {
    super("rolled back: CheckPerformTransaction changes nothing");
    this.accepted = accepted;
  }
}
