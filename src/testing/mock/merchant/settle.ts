import { CancelReason, TransactionState } from "../../../protocol/states";
import { isUndecided, type MerchantAnswer, type MerchantMethodName } from "./answer";
import type { MerchantCaller } from "./caller";
import type { MerchantBook } from "./merchant-book";
import { finish } from "./pay-merchant";

/** What settling works with. */
export interface SettleTools {
  readonly caller: MerchantCaller;
  readonly book: MerchantBook;
  readonly ask: (method: MerchantMethodName, params: object) => Promise<MerchantAnswer>;
}

/** Finds out what became of calls that were given up. Those under way are left alone. */
export async function settle(tools: SettleTools): Promise<void> {
  const { caller, book } = tools;
  for (const { id } of book.all()) {
    if (book.givenUp(id).includes("CreateTransaction")) await settleCreate(tools, id);
    const givenUp = book.givenUp(id);
    if (givenUp.includes("CancelTransaction")) await caller.cancel(id);
    else if (givenUp.includes("PerformTransaction")) await finish(caller, id);
  }
}

/** The payer is gone: what the merchant has made for him is cancelled. */
async function settleCreate({ caller, book, ask }: SettleTools, id: string): Promise<void> {
  const standing = await ask("CheckTransaction", { id });
  if (isUndecided(standing)) return;
  book.decide(id, "CreateTransaction");
  if (standing.outcome !== "result") return;
  book.adopt(id, standing.result);
  if (standing.result.state === TransactionState.CREATED) {
    await caller.cancel(id, { reason: CancelReason.EXECUTION_ERROR });
  }
}
