import type { Cursor, Storage, TransactionRow } from "../../../ledger";
import { equal, StorageSuiteFailure } from "../check";
import { cancelling, NOW, newEvent, OTHER_SCOPES, paymentRow, performing, SCOPE, transactionRow } from "../rows";
import { rule, type SuiteCase } from "../under-test";

/** Small pages, pages that end with the list, and one page for all. */
const LIMITS = [1, 2, 3, 6, 7, 100] as const;

/** Pages give each row once, with any times and any writes between them. */
export const paging: readonly SuiteCase[] = [
  rule("lists merchant transactions by time and id, each once, with any size of page", async ({ storage }) => {
    const times = [3, 1, 2, 2, 2, 2, 4, 0, 5];
    for (const [index, time] of times.entries()) await storage.addTransaction(numbered(index, NOW + time));
    await storage.addTransaction({ ...numbered(90, NOW + 2), source: "gateway" });
    await storage.changeTransaction(SCOPE, "payme-3", cancelling());
    const inRange = ["payme-1", "payme-2", "payme-3", "payme-4", "payme-5", "payme-0", "payme-6"];
    for (const limit of LIMITS) {
      equal(await transactionsInPages(storage, limit, { from: NOW + 1, to: NOW + 4 }), inRange, `pages of ${limit}`);
    }
  }),
  rule("lists open payments by time and id, each once, with any size of page", async ({ storage }) => {
    for (const [index, time] of [3, 1, 2, 2, 2, 4, 5].entries()) {
      await storage.addPayment(paymentRow({ id: `payment-${index}`, createdAt: NOW + time }));
    }
    await storage.addPayment(paymentRow({ id: "paid", status: "PAID" }));
    const expected = ["payment-1", "payment-2", "payment-3", "payment-4", "payment-0", "payment-5"];
    for (const limit of LIMITS) equal(await pendingInPages(storage, limit), expected, `pages of ${limit}`);
  }),
  rule("lists a period's paid payments by time and id, also refunded, each once", async ({ storage }) => {
    for (const [index, time] of [3, 1, 2, 2, 2, 0, 4].entries()) {
      const paid = { paidAt: NOW + time, paidBy: `payme-${index}`, paidSource: "gateway" } as const;
      const status = index === 3 ? "CANCELLED" : "PAID";
      await storage.addPayment(paymentRow({ id: `payment-${index}`, status, ...paid }));
    }
    await storage.addPayment(paymentRow({ id: "open" }));
    const expected = ["payment-1", "payment-2", "payment-3", "payment-4", "payment-0"];
    for (const limit of LIMITS) equal(await paidInPages(storage, limit), expected, `pages of ${limit}`);
  }),
  rule("lists payments whose check is overdue by its time and id, of any status, each once", async ({ storage }) => {
    for (const [index, time] of [3, 1, 2, 2, 2, 5, 4].entries()) {
      const status = index === 3 ? "CANCELLED" : "PENDING";
      await storage.addPayment(paymentRow({ id: `payment-${index}`, status, nextCheckAt: NOW + time }));
    }
    await storage.addPayment(paymentRow({ id: "ended" }));
    for (const scope of OTHER_SCOPES) {
      await storage.addPayment(paymentRow({ ...scope, id: `${scope.cashbox}-${scope.mode}`, nextCheckAt: NOW }));
    }
    const expected = ["payment-1", "payment-2", "payment-3", "payment-4", "payment-0", "payment-6"];
    for (const limit of LIMITS) equal(await dueInPages(storage, limit), expected, `pages of ${limit}`);
  }),
  rule("lists events by id, each once, with any size of page", async ({ storage }) => {
    const written = await storage.appendEvents([2, 1, 1, 1, 3].map((time) => newEvent({ at: NOW + time })));
    for (const limit of LIMITS) {
      const ids = await inPages<number, number>(
        async (after) => (await storage.listEvents(SCOPE, { after, limit })).map(({ id }) => [id, id]),
        limit,
      );
      equal(
        ids,
        written.map(({ id }) => id),
        `pages of ${limit}`,
      );
    }
  }),
  rule("ids of equal times are in the order of their bytes, in any locale", async ({ storage }) => {
    const ids = ["b", "B", "a-c", "ab", "a_d", "A", "10", "9"];
    for (const id of ids) {
      await storage.addTransaction(transactionRow({ paymeId: id, reference: id }));
      await storage.addPayment(paymentRow({ id }));
    }
    const ordered = ["10", "9", "A", "B", "a-c", "a_d", "ab", "b"];
    for (const limit of LIMITS) {
      equal(await transactionsInPages(storage, limit), ordered, `transactions in pages of ${limit}`);
      equal(await pendingInPages(storage, limit), ordered, `payments in pages of ${limit}`);
    }
  }),
  rule("a change between two pages neither hides nor repeats a row", async ({ storage }) => {
    for (const index of [1, 2, 3, 4, 5]) await storage.addTransaction(numbered(index, NOW + 2));
    let pages = 0;
    const ids = await transactionsInPages(storage, 2, {
      async meanwhile() {
        pages += 1;
        if (pages > 1) return;
        await storage.addTransaction({ ...numbered(0, NOW + 1), paymeId: "before" });
        await storage.addTransaction({ ...numbered(6, NOW + 2), paymeId: "payme-2b" });
        await storage.changeTransaction(SCOPE, "payme-1", performing());
        await storage.changeTransaction(SCOPE, "payme-4", cancelling());
      },
    });
    equal(ids, ["payme-1", "payme-2", "payme-2b", "payme-3", "payme-4", "payme-5"], "the pages");
  }),
  rule("a page after the last row is empty, and a range includes both ends", async ({ storage }) => {
    for (const index of [1, 2, 3]) await storage.addTransaction(numbered(index, NOW + index));
    const list = (from: number, to: number, after?: Cursor) =>
      storage.listTransactions(SCOPE, { from, to, after, limit: 9 });
    equal(idsOf(await list(NOW + 1, NOW + 3)), ["payme-1", "payme-2", "payme-3"], "both ends");
    equal(idsOf(await list(NOW + 2, NOW + 2)), ["payme-2"], "one moment");
    equal(idsOf(await list(NOW + 4, NOW + 9)), [], "nothing there");
    equal(idsOf(await list(0, NOW + 9, { time: NOW + 3, id: "payme-3" })), [], "after the last");
    equal(idsOf(await list(NOW + 2, NOW + 9, { time: NOW, id: "z" })), ["payme-2", "payme-3"], "from a cursor before");
  }),
];

/** One of many transactions, each with its own order. */
function numbered(index: number, time: number): TransactionRow {
  return transactionRow({ paymeId: `payme-${index}`, reference: `order-${index}`, time });
}

const idsOf = (rows: readonly TransactionRow[]) => rows.map(({ paymeId }) => paymeId);

interface Walk {
  readonly from?: number;
  readonly to?: number;
  /** Called after each page. */
  readonly meanwhile?: () => Promise<void>;
}

function transactionsInPages(storage: Storage<unknown>, limit: number, walk: Walk = {}): Promise<string[]> {
  const { from = 0, to = Number.MAX_SAFE_INTEGER, meanwhile } = walk;
  return inPages<Cursor, string>(async (after) => {
    const rows = await storage.listTransactions(SCOPE, { from, to, after, limit });
    await meanwhile?.();
    return rows.map(({ time, paymeId }) => [{ time, id: paymeId }, paymeId]);
  }, limit);
}

function pendingInPages(storage: Storage<unknown>, limit: number): Promise<string[]> {
  return inPages<Cursor, string>(async (after) => {
    const rows = await storage.listPending(SCOPE, { before: NOW + 5, after, limit });
    return rows.map(({ id, createdAt }) => [{ time: createdAt, id }, id]);
  }, limit);
}

function dueInPages(storage: Storage<unknown>, limit: number): Promise<string[]> {
  return inPages<Cursor, string>(async (after) => {
    const rows = await storage.listDue(SCOPE, { before: NOW + 5, after, limit });
    return rows.map(({ id, nextCheckAt }) => [{ time: nextCheckAt ?? 0, id }, id]);
  }, limit);
}

function paidInPages(storage: Storage<unknown>, limit: number): Promise<string[]> {
  return inPages<Cursor, string>(async (after) => {
    const rows = await storage.listPaid(SCOPE, { from: NOW + 1, to: NOW + 4, after, limit });
    return rows.map(({ id, paidAt }) => [{ time: paidAt ?? 0, id }, id]);
  }, limit);
}

/** Returns the items of all pages. Each page begins after the last row of the one before. */
async function inPages<Position, Item>(
  page: (after: Position | undefined) => Promise<(readonly [Position, Item])[]>,
  limit: number,
): Promise<Item[]> {
  const items: Item[] = [];
  let after: Position | undefined;
  // Thirty pages are enough for all rows. With a cursor that does not move, the loop still ends.
  for (let turned = 0; turned < 30; turned += 1) {
    const rows = await page(after);
    if (rows.length > limit) throw new StorageSuiteFailure("the rows of a page", rows.length, `at most ${limit}`);
    const last = rows.at(-1);
    if (last === undefined) return items;
    items.push(...rows.map(([, item]) => item));
    [after] = last;
  }
  throw new StorageSuiteFailure("turning pages", "no end after 30 pages", "an empty page after the last row");
}
