import type { Clock } from "../clock";
import { CancelReason, TransactionState } from "../protocol/states";
import { contentOf, type MerchantAnswer, type MerchantMethodName } from "./merchant/answer";
import { type BookEntry, isExpired, type MockTransaction } from "./merchant/book-entry";
import { compareStatement, compareTransaction, type Period } from "./merchant/compare-books";
import type { Disagreement } from "./merchant/disagreement";
import { fiscalData } from "./merchant/fiscal-data";
import { createMerchantBook } from "./merchant/merchant-book";
import { createMerchantLine, type LineTools, type MerchantLineOptions } from "./merchant/merchant-line";
import { begin, decline, finish, type MerchantOrder, type MerchantPayment } from "./merchant/pay-merchant";
import { createChangeSender } from "./merchant/send-change";
import { settle } from "./merchant/settle";
import { paymeId, type Random } from "./random";

/** Which endpoint Payme's side is played against, and how. */
export interface MerchantCallerOptions extends MerchantLineOptions {
  /** Each Create, Perform and Cancel that succeeds is sent a second time, and the answers compared. Default true. */
  readonly sendTwice?: boolean | undefined;
}

/** What comes of the card in {@link MerchantCaller.pay}. */
export interface PayOptions {
  /** `declined`: after Create nothing can be debited, and Payme cancels with reason 2. Default `accepted`. */
  readonly card?: "accepted" | "declined" | undefined;
}

/** Payme's side of the Merchant API, against one endpoint. Made by `mock.merchant`. */
export interface MerchantCaller {
  /** Check → Create → the card is charged → Perform. */
  pay(order: MerchantOrder & PayOptions): Promise<MerchantPayment>;
  /** Check → Create; then the payer is gone. */
  begin(order: MerchantOrder): Promise<MerchantPayment>;
  check(order: Pick<MerchantOrder, "account" | "amount">): Promise<MerchantAnswer>;
  /** Gives the answer, and the id under which Payme has the transaction. */
  create(order: MerchantOrder): Promise<MerchantAnswer & { readonly id: string }>;
  perform(id: string): Promise<MerchantAnswer>;
  /** Default reason: 3 before it was performed (as the sandbox has it), 5 (a refund) after; a repeat has that of the first. */
  cancel(id: string, options?: { reason?: number | undefined }): Promise<MerchantAnswer>;
  /** Asks how it stands; where that is not what Payme's books say, it is a disagreement. */
  checkTransaction(id: string): Promise<MerchantAnswer>;
  /** Default: from Payme's oldest transaction with this merchant to now. */
  statement(period?: Partial<Period>): Promise<MerchantAnswer>;
  /** Default data: an accepted receipt of the tax service. */
  setFiscalData(id: string, type: "PERFORM" | "CANCEL", data?: object): Promise<MerchantAnswer>;
  /** Sets another key at the merchant; once that is answered, it is the key of all further calls. */
  changePassword(password: string): Promise<MerchantAnswer>;
  /**
   * What Payme does once payers are gone for 12 hours, by the mock's clock: cancels with reason 4, or, with
   * `leaveToMerchant`, tells nobody; then a transaction whose Perform or Cancel has no answer yet is left to it. Gives the
   * transactions that ended.
   */
  expire(options?: { leaveToMerchant?: boolean | undefined }): Promise<MockTransaction[]>;
  /**
   * What a person at Payme does with calls that were not answered: repeats each Perform and Cancel; asks about each
   * Create, and cancels what it made.
   */
  settle(): Promise<void>;
  transaction(id: string): MockTransaction | undefined;
  /** In the order of creation. */
  transactions(): MockTransaction[];
  /** What was found wrong while calling, oldest first. */
  readonly disagreements: readonly Disagreement[];
  /** Asks for the statement: where it differs from Payme's books. Empty: they agree. */
  compare(period?: Partial<Period>): Promise<Disagreement[]>;
}

/** What a caller works with. */
export interface CallerTools extends LineTools {
  readonly now: Clock;
  readonly random: Random;
}

/** A caller that its mock can make new. */
export interface OwnedMerchantCaller extends MerchantCaller {
  clear(): void;
  /** Payme's record of its transactions, to go on with. */
  saved(): BookEntry[];
  restore(saved: readonly BookEntry[]): void;
}

export function createMerchantCaller(options: MerchantCallerOptions, tools: CallerTools): OwnedMerchantCaller {
  const { sendTwice = true } = options;
  const { now, random } = tools;
  const disagreements: Disagreement[] = [];
  const note = (disagreement: Disagreement) => void disagreements.push(disagreement);
  const book = createMerchantBook(now, note);
  const line = createMerchantLine(options, tools, note);
  const ask = async (method: MerchantMethodName, params: object) => (await line.call(method, { ...params })).answer;

  const change = createChangeSender({ line, book, now, note, sendTwice });

  /** Asks for what the answers so far do not tell. */
  async function clearUp(id: string): Promise<void> {
    if (!book.isInDoubt(id)) return;
    const standing = await ask("CheckTransaction", { id });
    if (standing.outcome === "result") book.adopt(id, standing.result);
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

    settle: () => settle({ caller, book, ask }),

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

/** A call that ends it has no answer: the merchant may have done it already. */
function mayHaveEnded({ undecided }: MockTransaction): boolean {
  return undecided.includes("PerformTransaction") || undecided.includes("CancelTransaction");
}

/** A merchant may end a transaction by itself, once its 12 hours are over: Payme learns of it, and of the time. */
function isEndedByMerchant({ state: ours, cancelTime }: MockTransaction, state: unknown): boolean {
  const { CREATED, CANCELLED } = TransactionState;
  return state === CANCELLED && (ours === CREATED || (ours === CANCELLED && cancelTime === 0));
}

function periodOf(period: Partial<Period>, transactions: readonly MockTransaction[], now: number): Period {
  const times = transactions.map(({ time }) => time);
  const from = period.from ?? times.reduce((a, b) => Math.min(a, b), now);
  return { from, to: period.to ?? times.reduce((a, b) => Math.max(a, b), now) };
}
