import { ACCEPTED, isTaken, PERSON } from "./person";
import type { Evidence } from "./random-world";
import { wrongStoriesOf } from "./story-judge";

/** Money of one receipt or transaction, as Payme has it. */
interface Money {
  /** The ids under which our books may know it. */
  readonly paymeIds: readonly string[];
  readonly amount: number;
  readonly wasTaken: boolean;
  readonly isKept: boolean;
  readonly isHeld: boolean;
  /** Payme works on a refund that it has not ended. */
  readonly isGoingBack: boolean;
  /** In the sums of the payments. */
  readonly isOfPayment: boolean;
}

/** Incidents that say that money was not given for: they must not stand at money that was. */
const NOT_GIVEN = ["double_payment", "paid_after_cancel"];
/** Incidents of refunds that Payme has not ended, of money that was never given for. */
const GOING_BACK = ["refund_refused", "refund_stuck", "not_taken_back"];
/** Incidents of money that is held, and of a release that does not end. */
const HELD = ["hold_expiring", "refund_stuck"];
/** Incidents that ask for a repair: what does not go right after it comes again. A person who closes one has placed no money. */
const REPAIRS = ["effect_failed", "no_fulfiller", "hold_expiring"];

/**
 * What is wrong in a world that came to rest; empty: nothing. It knows Payme's money, the shop's own tables and the incidents
 * that are open or that a person has closed, and no rule of ours:
 *
 * - money that Payme took and kept is given for once, or in front of a person;
 * - money that went back is taken back once where it was given for, or in front of a person;
 * - money that is held for weeks for a payment is in front of a person;
 * - nothing is given without money;
 * - what is only charged is taken once, and never after it was declined;
 * - the totals and the statistics are those of Payme's money, less what only stands in front of a person;
 * - every state in the books is in a story, and the stories' sums are the books' sums.
 */
export function wrongsOf(evidence: Evidence): string[] {
  const { goods, incidents, totals, statistics, bugs, debitedAfterDecline } = evidence;
  const wrongs = bugs.map((bug) => `a bug showed: ${bug}`);
  const all = [...moneyOfReceipts(evidence), ...moneyOfTransactions(evidence)];
  const sums = { paid: 0, refunded: 0, refunding: 0 };
  let denied = 0;
  let paidPayments = 0;
  for (const money of all) {
    const { paymeIds, wasTaken, isKept, isHeld, isGoingBack, isOfPayment, amount } = money;
    const isNamed = ({ paymeId }: { readonly paymeId: string | null }) => paymeIds.some((id) => id === paymeId);
    const count = (member: "given" | "takenBack") => goods.filter(isNamed).reduce((sum, row) => sum + row[member], 0);
    const [given, takenBack] = [count("given"), count("takenBack")];
    const named = incidents.filter(isNamed);
    const open = named.filter(({ resolvedAt }) => resolvedAt === null);
    const placed = named.filter(({ kind, resolvedBy, note }) => {
      return resolvedBy === PERSON && note !== ACCEPTED && !REPAIRS.includes(kind);
    });
    const seen = [...open.filter(({ kind }) => kind !== "hold_expiring"), ...placed];
    const says = (text: string) => {
      const kinds = named.map(({ kind, resolvedBy }) => `${kind} ${resolvedBy ?? "open"}`).join(", ") || "no incident";
      wrongs.push(`${paymeIds.join(" = ")}: ${text} (given ${given}, taken back ${takenBack}, ${kinds})`);
    };
    const hasTo = (isRight: boolean, text: string) => {
      if (!isRight && seen.length === 0) says(text);
    };
    if (given > 1 || takenBack > given) says("given or taken back too often");
    if (!wasTaken && given > takenBack) says("given without money");
    if (isKept) hasTo(given === 1 && takenBack === 0, "Payme has the money");
    if (wasTaken && !isKept) hasTo(given === takenBack, "the money went back");
    const isTold = named.some(({ kind, resolvedBy }) => {
      return HELD.includes(kind) && (resolvedBy === null || resolvedBy === PERSON);
    });
    if (isHeld && evidence.isLivedOn && !isTold) says("the money is held, and no person knows");
    // Where the first attempt of a receipt never reached the shop, nothing there says that the second one is the same money.
    const isSecondAttempt = paymeIds.length > 1;
    const isDenounced = open.some(
      ({ kind }) => NOT_GIVEN.includes(kind) && !(isSecondAttempt && kind === "double_payment"),
    );
    if (isKept && given === 1 && takenBack === 0 && isDenounced)
      says("a person is told to give back what was given for");

    const isUnfulfilled = named.some(({ kind, data }) => kind === "paid_elsewhere" && isTaken(data));
    if (!isOfPayment || (given === 0 && !isUnfulfilled)) continue;
    sums.paid += amount;
    const hasGone = isKept && seen.some(({ kind }) => GOING_BACK.includes(kind));
    // Payme refused the very wish to refund what was never given: it never went.
    const isStillPaid = evidence.stories.told.some(({ payment }) => {
      return payment?.status === "PAID" && paymeIds.some((id) => id === payment.paidBy);
    });
    const isBooked = takenBack > 0 || isUnfulfilled || named.some(({ kind }) => kind === "not_taken_back");
    // CancelTransaction ends a refund in our books before Payme has refused it; a person knows of the money.
    if (isBooked && isKept && !isGoingBack && seen.length > 0) denied += amount;
    if (!isKept && isBooked) sums.refunded += amount;
    else if (isBooked && (isGoingBack || takenBack > 0 || (hasGone && !isStillPaid))) sums.refunding += amount;
    else paidPayments += 1;
  }
  for (const { paymeId, given } of goods) {
    if (!all.some(({ paymeIds }) => paymeIds.includes(paymeId))) wrongs.push(`${given} given for ${paymeId}: unknown`);
  }
  const told = (member: keyof typeof sums) => totals.reduce((sum, total) => sum + total[member].amount, 0);
  const early = told("refunded") - sums.refunded;
  const isEarly = early > 0 && early <= denied;
  const right = isEarly ? { ...sums, refunded: sums.refunded + early, refunding: sums.refunding - early } : sums;
  for (const member of ["paid", "refunded", "refunding"] as const) {
    const [said, due] = [told(member), right[member]];
    if (said !== due) wrongs.push(`the totals say ${member} ${said}, Payme's money says ${due}`);
  }
  if (statistics.paid !== paidPayments) {
    wrongs.push(`the statistics say ${statistics.paid} paid, Payme's money says ${paidPayments}`);
  }
  for (const id of debitedAfterDecline) wrongs.push(`${id}: declined, and debited later`);
  return [...wrongs, ...takenTwice(evidence), ...wrongStoriesOf(evidence.stories)];
}

/** Money that was taken for what is only charged, while that of another receipt of it was not back. */
function takenTwice({ receipts, movements }: Evidence): string[] {
  const charged = new Map(receipts.filter(({ isCharged }) => isCharged).map(({ id, amount }) => [id, amount]));
  const kept = new Map<number, string>();
  const wrongs: string[] = [];
  // The mock notes the end of a refund when somebody looks.
  for (const { receiptId, kind } of [...movements].sort((a, b) => a.at - b.at)) {
    const amount = charged.get(receiptId);
    if (amount === undefined) continue;
    const other = kept.get(amount);
    if (kind === "return") kept.delete(amount);
    if (kind !== "take" && kind !== "capture") continue;
    if (other !== undefined && other !== receiptId)
      wrongs.push(`${receiptId}: the ${amount} of a charge were taken twice`);
    kept.set(amount, receiptId);
  }
  return wrongs;
}

function moneyOfReceipts({ receipts, movements }: Evidence): Money[] {
  return receipts.map(({ id, state, amount, paymeIds, isReturnAgreed, isWatched }) => {
    const of = (...kinds: readonly string[]) =>
      movements.filter(({ receiptId, kind }) => receiptId === id && kinds.includes(kind)).length;
    const [taken, returned] = [of("take", "capture"), of("return")];
    const isKept = taken > returned && !isReturnAgreed;
    return {
      paymeIds,
      amount,
      wasTaken: taken > 0,
      isKept,
      isHeld: isWatched && of("hold") > of("release", "capture"),
      isGoingBack: isKept && state === 21,
      isOfPayment: true,
    };
  });
}

/** Payme has the money of a transaction in state 2, and had that of one in -2. */
function moneyOfTransactions({ transactions }: Evidence): Money[] {
  return transactions.map(({ id, state, amount, isOfPayment }) => ({
    paymeIds: [id],
    amount,
    wasTaken: Math.abs(state) === 2,
    isKept: state === 2,
    isHeld: false,
    isGoingBack: false,
    isOfPayment,
  }));
}
