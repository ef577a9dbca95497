import { CancelReason, TransactionState } from "../../protocol/states";
import { contentOf, isUndecided, type MerchantMethodName } from "./merchant/answer";
import type { MerchantCaller, MerchantCallerOptions } from "./merchant/caller";
import { compareStatement, compareTransaction, type StatementPeriod } from "./merchant/compare-books";
import type { Disagreement } from "./merchant/disagreement";
import { type BookEntry, createMerchantBook, isExpired, type MockTransaction } from "./merchant/merchant-book";
import { createMerchantLine, type LineTools } from "./merchant/merchant-line";
import { begin, decline, finish } from "./merchant/pay-merchant";
import { createChangeSender } from "./merchant/send-change";
import { paymeId, type Random } from "./random";

/** A caller that its mock can reset, save and restore. */
export interface OwnedMerchantCaller extends MerchantCaller {
  clear(): void;
  /** Payme's record of its transactions, for `restore`. */
  saved(): BookEntry[];
  restore(saved: readonly BookEntry[]): void;
}

/** Plays Payme's side of the Merchant API against the endpoint in `options`. */
export function createMerchantCaller(
  options: MerchantCallerOptions,
  tools: LineTools & { readonly random: Random },
): OwnedMerchantCaller {
  const { now, random } = tools;
  const disagreements: Disagreement[] = [];
  const note = (disagreement: Disagreement) => void disagreements.push(disagreement);
  const book = createMerchantBook(now, note);
  const line = createMerchantLine(options, tools, note);
  const ask = async (method: MerchantMethodName, params: object) => (await line.call(method, { ...params })).answer;
  const change = createChangeSender({ line, book }, now, note, options.sendTwice ?? true);

  /** Asks for what the answers so far do not say. */
  async function clearUp(id: string): Promise<void> {
    if (!book.isInDoubt(id)) return;
    const checked = await ask("CheckTransaction", { id });
    if (checked.outcome === "result") book.adopt(id, checked.result);
  }

  /** Clears up a Create without an answer. The payer is gone: what the merchant made is cancelled. */
  async function settleCreate(id: string): Promise<void> {
    const checked = await ask("CheckTransaction", { id });
    if (isUndecided(checked)) return;
    book.decide(id, "CreateTransaction");
    if (checked.outcome !== "result") return;
    book.adopt(id, checked.result);
    if (checked.result.state === TransactionState.CREATED) {
      await caller.cancel(id, { reason: CancelReason.EXECUTION_ERROR });
    }
  }

  const caller: OwnedMerchantCaller = {
    disagreements,
    transaction: book.find,
    transactions: book.all,

    async pay({ card = "accepted", ...order }) {
      const begun = await begin(caller, order);
      if (begun.outcome !== "begun") return begun;
      return card === "declined" ? decline(caller, begun.transaction.id) : finish(caller, begun.transaction.id);
    },
    begin: (order) => begin(caller, order),

    check: ({ account, amount }) => ask("CheckPerformTransaction", { amount, account }),

    async create({ account, amount, id = paymeId(random, now()), time = now() }) {
      if (book.find(id) === undefined) book.add({ id, time, amount, account });
      book.begin(id, "CreateTransaction");
      return { ...(await change("CreateTransaction", { id, time, amount, account }, book.created)), id };
    },

    async perform(id) {
      book.begin(id, "PerformTransaction");
      const answer = await change("PerformTransaction", { id }, book.performed);
      await clearUp(id);
      return answer;
    },

    async cancel(id, { reason = book.reasonSent(id) ?? defaultReason(book.find(id)) } = {}) {
      book.begin(id, "CancelTransaction", reason);
      const answer = await change("CancelTransaction", { id, reason }, book.cancelled);
      await clearUp(id);
      return answer;
    },

    async checkTransaction(id) {
      const answer = await ask("CheckTransaction", { id });
      if (answer.outcome !== "result") return answer;
      if (book.isInDoubt(id)) book.adopt(id, answer.result);
      const ours = book.find(id);
      if (ours === undefined) return answer;
      for (const found of compareTransaction(ours, answer.result, "CheckTransaction", now())) note(found);
      if (isEndedByMerchant(ours, answer.result.state)) book.adopt(id, answer.result);
      return answer;
    },

    statement: (period = {}) => ask("GetStatement", periodOf(period, book.all(), now())),

    setFiscalData: (id, type, data = fiscalData(now())) => ask("SetFiscalData", { id, type, fiscal_data: data }),

    async changePassword(password) {
      const answer = await ask("ChangePassword", { password });
      if (answer.outcome === "result") line.useKey(password);
      return answer;
    },

    async expire({ leaveToMerchant = false } = {}) {
      const over = book
        .all()
        .filter((each) => each.state === TransactionState.CREATED && isExpired(each, now()))
        .filter((each) => !(leaveToMerchant && mayHaveEnded(each)));
      for (const { id } of over) {
        if (leaveToMerchant) book.expire(id);
        else await caller.cancel(id, { reason: CancelReason.TIMEOUT });
      }
      return over.flatMap(({ id }) => book.find(id) ?? []);
    },

    async settle() {
      for (const { id } of book.all()) {
        if (book.givenUp(id).includes("CreateTransaction")) await settleCreate(id);
        const givenUp = book.givenUp(id);
        if (givenUp.includes("CancelTransaction")) await caller.cancel(id);
        else if (givenUp.includes("PerformTransaction")) await finish(caller, id);
      }
    },

    async compare(period = {}) {
      const { from, to } = periodOf(period, book.all(), now());
      const answer = await ask("GetStatement", { from, to });
      if (answer.outcome !== "result") {
        const refused = { kind: "wrong_statement", method: "GetStatement", id: null, field: null } as const;
        return [{ ...refused, expected: "a statement", actual: contentOf(answer) }];
      }
      const { transactions } = answer.result;
      return compareStatement(book.all(), Array.isArray(transactions) ? transactions : [], { from, to }, now());
    },

    saved: book.saved,
    restore: book.restore,

    clear() {
      disagreements.length = 0;
      book.clear();
      line.reset();
    },
  };

  return caller;
}

function defaultReason(transaction: MockTransaction | undefined): number {
  return transaction?.state === TransactionState.PERFORMED ? CancelReason.REFUND : CancelReason.EXECUTION_ERROR;
}

/** True where Perform or Cancel has no answer: the merchant may have carried it out. */
function mayHaveEnded({ undecided }: MockTransaction): boolean {
  return undecided.includes("PerformTransaction") || undecided.includes("CancelTransaction");
}

/** True where the merchant ended a transaction by itself after 12 hours: Payme takes over its time. */
function isEndedByMerchant({ state: ours, cancelTime }: MockTransaction, state: unknown): boolean {
  const { CREATED, CANCELLED } = TransactionState;
  return state === CANCELLED && (ours === CREATED || (ours === CANCELLED && cancelTime === 0));
}

function periodOf(period: Partial<StatementPeriod>, transactions: readonly MockTransaction[], now: number) {
  const times = transactions.map(({ time }) => time);
  const from = period.from ?? times.reduce((a, b) => Math.min(a, b), now);
  return { from, to: period.to ?? times.reduce((a, b) => Math.max(a, b), now) };
}

/** The tax service's data of a receipt that it accepted. Source: developer.help.paycom.uz, "SetFiscalData". */
function fiscalData(now: number) {
  return {
    receipt_id: 341,
    status_code: 0,
    message: "accepted",
    terminal_id: "EP000000000777",
    fiscal_sign: "700012345678",
    qr_code_url: "https://ofd.example/check?r=341",
    // YYYYMMDDHHmmss. Payme does not say in which time zone.
    date: new Date(now).toISOString().replace(/\D/g, "").slice(0, 14),
  };
}
