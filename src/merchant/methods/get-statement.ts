import type { Cursor, Scope, Storage, TransactionRow } from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { type MerchantMethod, requireTime, stateOf } from "../method";
import { refusalOf } from "../refusal";

const PAGE_SIZE = 500;

/** Returns all transactions of a period by Payme's time, both ends included, in any state, oldest first; written in pages. */
export const getStatement: MerchantMethod = async ({ storage }, { scope, params }) => {
  const [from, to] = [requireTime(params, "from"), requireTime(params, "to")];
  if (from > to) throw refusalOf(MerchantErrorCode.INVALID_REQUEST, "from");
  // The first page is read before anything is written: where the storage is away, Payme gets an error.
  const first = await storage.listTransactions(scope, { from, to, limit: PAGE_SIZE });
  return { pieces: statement(storage, scope, { from, to }, first) };
};

async function* statement<Tx>(
  storage: Storage<Tx>,
  scope: Scope,
  range: { from: number; to: number },
  first: readonly TransactionRow[],
): AsyncIterable<string> {
  yield '{"transactions":[';
  let isFirst = true;
  for (let page = first; page.length > 0; ) {
    const lines = page.map((row) => JSON.stringify(statementLine(row))).join(",");
    yield isFirst ? lines : `,${lines}`;
    isFirst = false;
    const after = cursorOf(page);
    page = page.length < PAGE_SIZE ? [] : await storage.listTransactions(scope, { ...range, after, limit: PAGE_SIZE });
  }
  yield "]}";
}

function cursorOf(page: readonly TransactionRow[]): Cursor | undefined {
  const last = page.at(-1);
  return last && { time: last.time, id: last.paymeId };
}

/** A line of the statement, with the account as it was received. */
function statementLine(row: TransactionRow) {
  return {
    id: row.paymeId,
    time: row.time,
    amount: row.amount,
    account: row.account,
    ...stateOf(row),
    receivers: row.receivers,
  };
}
