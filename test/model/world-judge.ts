import type { Evidence } from "./random-world";

/** Money of one receipt or transaction, as Payme has it. */
interface Money {
  /** The ids under which our books may know it. */
  readonly paymeIds: readonly string[];
  readonly amount: number;
  readonly wasTaken: boolean;
  readonly isKept: boolean;
  /** Payme works on a refund that it has not ended. */
  readonly isGoingBack: boolean;
  /** In the sums of the payments. */
  readonly isOfPayment: boolean;
}

/** Incidents that say that money was not given for: they must not stand at money that was. */
const NOT_GIVEN = ["double_payment", "paid_after_cancel"];
/** Incidents of refunds that Payme has not ended, of money that was never given for. */
const GOING_BACK = ["refund_refused", "refund_stuck", "not_taken_back"];

/**
 * What is wrong in a world that came to rest; empty: nothing. It knows Payme's money, the shop's own tables and the open
 * incidents, and no rule of ours:
 *
 * - money that Payme took and kept is given for once, or in front of a person;
 * - money that went back is taken back once where it was given for, or in front of a person;
 * - nothing is given without money;
 * - the days' sums are those of Payme's money, less what only stands in front of a person.
 */
export function wrongsOf(evidence: Evidence): string[] {
  const { goods, openIncidents, closes, bugs } = evidence;
  const wrongs = bugs.map((bug) => `a bug showed: ${bug}`);
  const all = [...moneyOfReceipts(evidence), ...moneyOfTransactions(evidence)];
  const sums = { paid: 0, refunded: 0, refunding: 0 };
  for (const money of all) {
    const { paymeIds, wasTaken, isKept, isGoingBack, isOfPayment, amount } = money;
    const isNamed = ({ paymeId }: { readonly paymeId: string | null }) => paymeIds.some((id) => id === paymeId);
    const count = (member: "given" | "takenBack") => goods.filter(isNamed).reduce((sum, row) => sum + row[member], 0);
    const [given, takenBack] = [count("given"), count("takenBack")];
    const incidents = openIncidents.filter(isNamed);
    const says = (text: string) => {
      const kinds = incidents.map(({ kind }) => kind).join(", ") || "no incident";
      wrongs.push(`${paymeIds.join(" = ")}: ${text} (given ${given}, taken back ${takenBack}, ${kinds})`);
    };
    const hasTo = (isRight: boolean, text: string) => {
      if (!isRight && incidents.length === 0) says(text);
    };
    if (given > 1 || takenBack > given) says("given or taken back too often");
    if (!wasTaken && given > takenBack) says("given without money");
    if (isKept) hasTo(given === 1 && takenBack === 0, "Payme has the money");
    if (wasTaken && !isKept) hasTo(given === takenBack, "the money went back");
    // Where the first attempt of a receipt never reached the shop, nothing there says that the second one is the same money.
    const isSecondAttempt = paymeIds.length > 1;
    const isDenounced = incidents.some(
      ({ kind }) => NOT_GIVEN.includes(kind) && !(isSecondAttempt && kind === "double_payment"),
    );
    if (isKept && given === 1 && takenBack === 0 && isDenounced)
      says("a person is told to give back what was given for");

    // Closed where the money is back: it stays in the sums.
    const isUnfulfilled = evidence.incidents.filter(isNamed).some(({ kind, data }) => {
      return kind === "paid_elsewhere" && Reflect.get(Object(data), "money") === "taken";
    });
    if (!isOfPayment || (given === 0 && !isUnfulfilled)) continue;
    sums.paid += amount;
    if (!isKept) sums.refunded += amount;
    else if (isGoingBack || takenBack > 0 || incidents.some(({ kind }) => GOING_BACK.includes(kind))) {
      sums.refunding += amount;
    }
  }
  for (const { paymeId, given } of goods) {
    if (!all.some(({ paymeIds }) => paymeIds.includes(paymeId))) wrongs.push(`${given} given for ${paymeId}: unknown`);
  }
  for (const member of ["paid", "refunded", "refunding"] as const) {
    const told = closes.reduce((sum, close) => sum + close[member].amount, 0);
    if (told !== sums[member]) wrongs.push(`the days say ${member} ${told}, Payme's money says ${sums[member]}`);
  }
  return wrongs;
}

function moneyOfReceipts({ receipts, movements }: Evidence): Money[] {
  return receipts.map(({ id, state, amount, paymeIds }) => {
    const of = (...kinds: readonly string[]) =>
      movements.filter(({ receiptId, kind }) => receiptId === id && kinds.includes(kind)).length;
    const [taken, returned] = [of("take", "capture"), of("return")];
    return {
      paymeIds,
      amount,
      wasTaken: taken > 0,
      isKept: taken > returned,
      isGoingBack: state === 21,
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
    isGoingBack: false,
    isOfPayment,
  }));
}
