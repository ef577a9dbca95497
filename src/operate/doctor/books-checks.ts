import { earliestLive, incidentKinds, type Scope } from "../../ledger";
import { unreviewedDay } from "../../payments/review";
import { type Check, right, uncertain, wrong } from "./finding";
import type { DoctorStorage, Subject } from "./subject";

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
/** Each is many times longer than a job waits between its runs. */
const SWEEP_LATE_MS = 30 * MINUTE_MS;
const RECONCILE_LATE_MS = 15 * MINUTE_MS;
const OUTBOX_LATE_MS = 5 * MINUTE_MS;
const SUBSCRIPTIONS_LATE_MS = 60 * MINUTE_MS;
const PAGE = 500;
const RUN_WORKER = "Start the worker: createWorker({ merchant, payments, outbox }).start(), docs/worker.md";

const REFUND_KINDS = ["refund_refused", "refund_stuck"];
const OTHER_KINDS = incidentKinds.filter((kind) => kind !== "message_parked" && !REFUND_KINDS.includes(kind));
const SEE_INCIDENTS = "payments.incidents.list() shows them; docs/production.md says what to do about each kind.";

/** A check of the books that wants to find nothing. `find` returns what it found, in words. */
function noneCheck({
  find,
  ...check
}: Omit<Check, "look"> & {
  find(storage: DoctorStorage, scope: Scope, subject: Subject): Promise<readonly string[]>;
}): Check {
  return {
    ...check,
    async look(subject) {
      const { storage, scopes } = subject;
      if (storage === undefined) return undefined;
      const [first] = (await Promise.all(scopes.map((scope) => find(storage, scope, subject)))).flat();
      return first === undefined ? right("none") : wrong(first);
    },
  };
}

const openIncidents = (kinds: readonly string[]) => async (storage: DoctorStorage, scope: Scope) => {
  const open = await storage.listEvents(scope, { kinds, open: true, limit: PAGE });
  const names = [...new Set(open.map(({ kind }) => kind))].join(", ");
  return open.map(({ id, paymeId }) => `${open.length} open (${names}), the first is ${id}, of Payme id ${paymeId}`);
};

export const booksChecks: readonly Check[] = [
  noneCheck({
    id: "books.sweep",
    why: "What an abandoned transaction reserved is not freed: onReleased has not run.",
    fix: RUN_WORKER,
    async find(storage, scope, { now }) {
      const before = earliestLive(now()) - SWEEP_LATE_MS;
      const over = await storage.listExpired(scope, { before, limit: 1 });
      return over.map(({ paymeId }) => `the 12 hours of ${paymeId} are over, and it was not swept`);
    },
  }),
  noneCheck({
    id: "books.reconcile",
    why: "A lost notification stays lost, and a refund is not followed.",
    fix: RUN_WORKER,
    async find(storage, scope, { now }) {
      const due = await storage.listDue(scope, { before: now() - RECONCILE_LATE_MS, limit: 1 });
      return due.map(({ id }) => `Payme was to be asked about payment ${id} at least 15 minutes ago`);
    },
  }),
  noneCheck({
    id: "books.review",
    why: "A refund by hand in the cabinet is not found.",
    fix: RUN_WORKER,
    async find(storage, scope, { now, client }) {
      const day = client && (await unreviewedDay(storage, scope, now()));
      return day === undefined ? [] : [`${day} was not reviewed`];
    },
  }),
  noneCheck({
    id: "books.outbox",
    why: "Those who wait for a message are not told.",
    fix: RUN_WORKER,
    async find(storage, scope, { now }) {
      const due = await storage.listEvents(scope, { due: now() - OUTBOX_LATE_MS, limit: 1 });
      return due.map(({ id, kind }) => `message ${id} (${kind}) was due at least 5 minutes ago`);
    },
  }),
  noneCheck({
    id: "books.parked",
    why: "A parked message failed twelve times, and is not tried again by itself.",
    fix: "Mend its receiver, then outbox.requeue(id).",
    async find(storage, scope, { outbox }) {
      const parked = outbox
        ? await outbox.parked({ limit: 1 })
        : await storage.listEvents(scope, { parked: true, limit: 1 });
      return parked.map(({ id, kind }: { id: number; kind: string }) => `message ${id} (${kind}) is parked`);
    },
  }),
  noneCheck({
    id: "books.incidents",
    why: "Money waits for a person.",
    fix: SEE_INCIDENTS,
    find: openIncidents(OTHER_KINDS),
  }),
  noneCheck({
    id: "books.refunds",
    why: "The goods are taken back, and the payer has no money.",
    fix: SEE_INCIDENTS,
    find: openIncidents(REFUND_KINDS),
  }),
  {
    id: "books.subscriptions",
    why: "Renewals are not charged, and nobody is told why.",
    fix: RUN_WORKER,
    async look({ subscriptions }) {
      const late = await subscriptions?.overdue(SUBSCRIPTIONS_LATE_MS);
      if (late === undefined) return undefined;
      return late === 0 ? right("none is late") : wrong(`${late} were to be looked at at least an hour ago`);
    },
  },
  {
    id: "books.amounts",
    why: "A cashbox with «Округлять до сумов» takes whole som: another amount than the books have.",
    fix: "Look at «Округлять до сумов» in the cabinet: where it is on, give roundsToSom: true.",
    async look({ storage, scopes, now }) {
      if (storage === undefined) return undefined;
      const week = { from: now() - WEEK_MS, to: now(), before: now(), limit: PAGE };
      const lists = scopes.flatMap((scope) => [
        storage.listPending(scope, week),
        storage.listPaid(scope, week),
        storage.listTransactions(scope, week),
      ]);
      const odd = (await Promise.all<readonly { amount: number }[]>(lists))
        .flat()
        .find(({ amount }) => amount % 100 !== 0);
      return odd ? uncertain(`an amount of the last 7 days is ${odd.amount} tiyin`) : right("whole som");
    },
  },
];
