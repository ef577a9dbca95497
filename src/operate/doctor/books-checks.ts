import { earliestLive, type EventRow, incidentKinds, type Scope } from "../../ledger";
import { unreviewedDay } from "../../payments/review";
import { type CheckRow, checksOf } from "./check";
import { right, type Seen, uncertain, wrong } from "./finding";
import type { BooksSubject } from "./subject";

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
/** Each longer than a job's usual wait, many times over. */
const SWEEP_LATE_MS = 30 * MINUTE_MS;
const RECONCILE_LATE_MS = 15 * MINUTE_MS;
const OUTBOX_LATE_MS = 5 * MINUTE_MS;
const PAGE = 500;
const RUN_WORKER = "Start the worker: createWorker({ merchant, payments, outbox }).start(), docs/worker.md";

const REFUND_KINDS = ["refund_refused", "refund_stuck"] as const;
/** These have a check of their own. */
const OWN_CHECK: readonly string[] = [...REFUND_KINDS, "message_parked"];
const OTHER_KINDS = incidentKinds.filter((kind) => !OWN_CHECK.includes(kind));

/** Reads a thing of each scope. */
async function inScopes<Row>({ scopes }: BooksSubject, read: (scope: Scope) => Promise<readonly Row[]>): Promise<Row[]> {
  return (await Promise.all(scopes.map(read))).flat();
}

/** Wrong where there are any, with the first of them. */
function none<Row>(rows: readonly Row[], name: (row: Row) => string, fix: string): Seen {
  const [first] = rows;
  return first === undefined ? right("none") : wrong(name(first), fix);
}

const incidentRow = (
  row: Pick<CheckRow<BooksSubject>, "id" | "looksAt" | "why">,
  kinds: readonly string[],
): CheckRow<BooksSubject> => ({
  ...row,
  async look(books) {
    const open = await inScopes(books, (scope) => books.verbs.listEvents(scope, { kinds, open: true, limit: PAGE }));
    const of = [...new Set(open.map(({ kind }) => kind))].join(", ");
    const name = ({ subject }: EventRow) => `${open.length} open (${of}), the first about ${subject}`;
    return none(open, name, "payments.incidents.list() shows them; docs/production.md says what to do about each.");
  },
});

export const booksChecks = checksOf("books", ({ books }) => books, [
  {
    id: "sweep",
    looksAt: "transactions whose 12 hours are over are ended",
    why: "Your rows stay reserved: onReleased has not run.",
    async look(books, { now }) {
      const before = earliestLive(now()) - SWEEP_LATE_MS;
      const rows = await inScopes(books, (scope) => books.verbs.listExpired(scope, { before, limit: 1 }));
      return none(rows, ({ paymeId }) => `${paymeId} is over and was not swept`, RUN_WORKER);
    },
  },
  {
    id: "reconcile",
    looksAt: "payments are asked about when they are due",
    why: "A lost notification stays lost, and a refund is not followed.",
    async look(books, { now }) {
      const before = now() - RECONCILE_LATE_MS;
      const rows = await inScopes(books, (scope) => books.verbs.listDue(scope, { before, limit: 1 }));
      return none(rows, ({ id }) => `payment ${id} was due ${RECONCILE_LATE_MS / MINUTE_MS} minutes ago or more`, RUN_WORKER);
    },
  },
  {
    id: "review",
    looksAt: "past days are looked at again",
    why: "A refund by hand in the cabinet is not found.",
    async look(books, { now }) {
      if (!books.hasClient) return undefined;
      const days = await inScopes(books, async (scope) => {
        const day = await unreviewedDay(books.verbs, scope, now());
        return day === undefined ? [] : [day];
      });
      return none(days, (day) => `${day} was not reviewed`, RUN_WORKER);
    },
  },
  {
    id: "outbox",
    looksAt: "messages are delivered when they are due",
    why: "Those who wait for them are not told.",
    async look(books, { now }) {
      const due = now() - OUTBOX_LATE_MS;
      const rows = await inScopes(books, (scope) => books.verbs.listEvents(scope, { due, limit: 1 }));
      return none(rows, ({ id, kind }) => `message ${id} (${kind}) waits for ${OUTBOX_LATE_MS / MINUTE_MS} minutes or more`, RUN_WORKER);
    },
  },
  {
    id: "parked",
    looksAt: "no message is parked",
    why: "It failed twelve times, and is not tried again by itself.",
    async look(books) {
      const parked = books.outbox
        ? await books.outbox.parked({ limit: 1 })
        : await inScopes(books, (scope) => books.verbs.listEvents(scope, { parked: true, limit: 1 }));
      return none(parked, ({ id, kind }) => `message ${id} (${kind}) is parked`, "Mend its receiver, then outbox.requeue(id).");
    },
  },
  incidentRow(
    { id: "incidents", looksAt: "no incident is open", why: "Money waits for a person." },
    OTHER_KINDS,
  ),
  incidentRow(
    { id: "refunds", looksAt: "no refund is refused or stuck", why: "The goods are taken back, and the payer has no money." },
    REFUND_KINDS,
  ),
  {
    id: "amounts",
    looksAt: "amounts of the last seven days are whole som",
    why: "A cashbox with «Округлять до сумов» takes another amount than the books have.",
    async look(books, { now }) {
      const [from, to] = [now() - WEEK_MS, now()];
      const { verbs } = books;
      const amounts = await inScopes(books, async (scope) => [
        ...(await verbs.listPending(scope, { before: to, limit: PAGE })).map(({ id, amount }) => ({ id, amount })),
        ...(await verbs.listPaid(scope, { from, to, limit: PAGE })).map(({ id, amount }) => ({ id, amount })),
        ...(await verbs.listTransactions(scope, { from, to, limit: PAGE })).map(({ paymeId: id, amount }) => ({ id, amount })),
      ]);
      const odd = amounts.find(({ amount }) => amount % 100 !== 0);
      if (odd === undefined) return right("whole som");
      return uncertain(`${odd.id} is of ${odd.amount} tiyin`, "Look at «Округлять до сумов» in the cabinet: where it is on, give roundsToSom: true.");
    },
  },
]);
