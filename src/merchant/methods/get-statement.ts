import type { Cursor, Scope, Storage } from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import type { MerchantMethod } from "../context";
import { requireTime } from "../params";
import { refusalOf } from "../refusal";
import { statementLine } from "../reply";

const PAGE_SIZE = 500;

/** All transactions of a period by Payme's time, both ends included, oldest first, whatever their state; written in pages. */
export const getStatement: MerchantMethod = async ({ storage }, { scope, params }) => {
  const [from, to] = [requireTime(params, "from"), requireTime(params, "to")];
  if (from > to) throw refusalOf(MerchantErrorCode.INVALID_REQUEST, "from");
  // The first page is read before anything is written, so that a storage that is away is answered as an error.
  const first = await storage.listTransactions(scope, { from, to, limit: PAGE_SIZE });
  return { pieces: statement(storage, scope, { from, to }, first) };
};

type Page = Awaited<ReturnType<Storage<never>["listTransactions"]>>;

async function* statement<Tx>(
  storage: Storage<Tx>,
  scope: Scope,
  range: { from: number; to: number },
  first: Page,
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

function cursorOf(page: Page): Cursor | undefined {
  const last = page.at(-1);
  return last && { time: last.time, id: last.paymeId };
}
