import type { PeriodRow, SubscriptionRow } from "../../src/subscriptions/rows";
import type { SubscriptionStore, SubscriptionVerbs } from "../../src/subscriptions/subscription-store";

/** What a life has said, what was given in it, and what was wrong. */
export function createJournal() {
  const wrongs: string[] = [];
  const texts: string[] = [];
  const secrets: string[] = [];
  const tallied: string[] = [];
  const moved = new Set<string>();
  const exchanged = new Set<string>();
  /** Until when a subscription may give access, by what was written of its periods. */
  const granted = new Map<string, number>();
  let refunds = 0;
  return {
    wrongs,
    tallied,
    tally: (what: string) => void tallied.push(what),
    wrong(what: string): void {
      if (!wrongs.includes(what)) wrongs.push(what);
    },
    /** Keeps what a log line, an event, an answer or an error says. */
    say: (what: unknown) => void texts.push(typeof what === "string" ? what : (JSON.stringify(what) ?? "")),
    secret: (token: string) => void secrets.push(token),
    /** Which of the tokens is in what was said, or in these rows. */
    toldSecrets: (rows: string) =>
      secrets.filter((token) => rows.includes(token) || texts.some((text) => text.includes(token))),
    refundBegins(): void {
      refunds += 1;
    },
    refunds: () => refunds,
    /** From here on its boundaries are not counted from its first day. */
    movedBoundaries: (id: string) => void moved.add(id),
    hasMoved: (id: string) => moved.has(id),
    /** What was left of a period has bought days of another plan: less time, where that is dearer. */
    exchanged: (id: string) => void exchanged.add(id),
    wasExchanged: (id: string) => exchanged.has(id),
    grant: (id: string, until: number | null) => void granted.set(id, Math.max(granted.get(id) ?? 0, until ?? 0)),
    granted: (id: string) => granted.get(id) ?? 0,
  };
}
export type Journal = ReturnType<typeof createJournal>;

/** A store that looks on at each write: I3 says that no attempt starts after a cancel or a VOID. */
export function watchedStore<Tx>(store: SubscriptionStore<Tx>, journal: Journal): SubscriptionStore<Tx> {
  return { ...store, using: (tx) => watchedVerbs(store.using(tx), journal) };
}

function watchedVerbs(verbs: SubscriptionVerbs, journal: Journal): SubscriptionVerbs {
  const note = (period: PeriodRow) => {
    const { subscriptionId: id, state, end, graceUntil } = period;
    if (state === "PAID" || state === "UNKNOWN") journal.grant(id, end);
    journal.grant(id, graceUntil);
    if (state !== "PAID") journal.tally(`a period is ${state}`);
  };
  return {
    ...verbs,
    async addSubscription(row: SubscriptionRow) {
      journal.grant(row.id, row.createdAt + row.trialDays * 86_400_000);
      return verbs.addSubscription(row);
    },
    addPeriod(row) {
      note(row);
      return verbs.addPeriod(row);
    },
    savePeriod(row) {
      note(row);
      return verbs.savePeriod(row);
    },
    async addAttempt(row) {
      const subscription = await verbs.findSubscription(row.subscriptionId);
      const period = await verbs.findPeriod(row.subscriptionId, row.number);
      const isOver = subscription === undefined || subscription.state === "ENDED" || subscription.cancelAtEnd;
      if (isOver || period === undefined || period.state === "VOID")
        journal.wrong(`I3: attempt ${row.number}.${row.attempt} starts after a cancel`);
      return verbs.addAttempt(row);
    },
  };
}
