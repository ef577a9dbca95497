import { type Clock, type Sleep, sleep, systemClock } from "../../kit/clock";
import { PaymeConfigError } from "../../kit/errors";
import { answerApi } from "./api";
import { type CardInput, TEST_CARDS, type TestCard } from "./cards";
import { type Cashbox, createCashbox } from "./cashbox";
import { DEFAULT_CHOICES, type MockChoices } from "./choices";
import { type DisagreementOptions, disagreementsOf } from "./disagreements";
import { createExchangeLog, type MockExchange } from "./exchange-log";
import { createFaults, type FaultRules } from "./faults";
import type { MerchantCaller, MerchantCallerOptions } from "./merchant/caller";
import type { Disagreement } from "./merchant/disagreement";
import { createMerchantCaller, type OwnedMerchantCaller } from "./merchant-caller";
import type { MockPaymeOptions } from "./mock-payme-options";
import type { MockReceipt } from "./mock-receipt";
import { createMoneyBook, type MoneyMovement } from "./money-book";
import { createMovableClock } from "./movable-clock";
import type { MockNotification } from "./notifications";
import { type PayOutcome, payReceipt } from "./pay-receipt";
import { seededRandom } from "./random";
import { DroppedConnection } from "./refusal";
import { type MockSnapshot, restore, snapshotOf } from "./snapshot";
import { type MockCard, type MockCashbox, viewOfCard, viewOfCashbox } from "./views";

/** Payme in memory, without pages. */
export interface MockCore {
  /** The id and the key of the first cashbox. */
  readonly merchantId: string;
  readonly key: string;
  /** The time at this Payme. The clock buttons of its console move it: give it to a server that is to move along. */
  readonly now: Clock;
  readonly cashboxes: readonly MockCashbox[];
  /** Plays Payme's side of the Merchant API against an endpoint. */
  merchant(options: MerchantCallerOptions): MerchantCaller;
  /** The same for the first cashbox's own endpoint; undefined where it has none. To move its receipts on, call `settle` below. */
  readonly billing: MerchantCaller | undefined;
  /** Repeats calls that billing left unanswered, and moves their receipts on, as a person at Payme does. */
  settle(): Promise<void>;
  /** Pays as a payer does on the payment page. */
  pay(receiptId: string, payer: { card: CardInput }): Promise<PayOutcome>;
  /** Cancels or refunds, as a person does in Payme's cabinet. With billing it rejects where the merchant refuses. */
  cancel(receiptId: string): Promise<MockReceipt>;
  /** Takes held money, as a person does in Payme's cabinet. */
  confirmHold(receiptId: string): Promise<MockReceipt>;
  /** Ends a receipt by time: cancels an unpaid one, and releases a hold. Others stay as they are. */
  expire(receiptId: string): Promise<MockReceipt>;
  receipt(id: string): MockReceipt | undefined;
  /** The receipts of all cashboxes, in the order of creation. */
  receipts(): MockReceipt[];
  /** The cards of all cashboxes. */
  cards(): MockCard[];
  /** The movements of the payers' money, oldest first. */
  readonly movements: readonly MoneyMovement[];
  readonly faults: FaultRules;
  /** Calls to the API (`in`), and to merchants and their webhooks (`out`): redacted, oldest first. */
  readonly exchanges: readonly MockExchange[];
  /** Notifications and the answers to them, oldest first. */
  readonly notifications: readonly MockNotification[];
  /** Sends the last notification of a receipt again. */
  redeliver(receiptId: string): Promise<MockNotification | undefined>;
  /**
   * Compares Payme's books with the merchants', for all cashboxes. Empty: they agree. For a virtual terminal give the
   * merchant's rows; without them only notifications without a 200 are found.
   */
  disagreements(options?: DisagreementOptions): Promise<Disagreement[]>;
  /** Calls the listener after each exchange, and after each change by a method of the mock. Returns what stops that. */
  onChange(listener: () => void): () => void;
  /**
   * The books as JSON, to continue with in another mock (`restore`). It holds tokens that can pay at a mock, and whole
   * numbers of test cards. Never give a mock the card of a real person.
   */
  snapshot(): MockSnapshot;
  /** Resolves when no payment and no notification is under way. */
  flush(): Promise<void>;
  /**
   * Makes the mock new: empty books, without those of `restore`, and the first ids again. A waiting call is dropped, and no
   * notification is repeated. Listeners of changes stay.
   */
  reset(): void;
}

/** The parts of a mock that only its pages need. */
export interface MockInside {
  /** Answers a call to the API. */
  answerApi(request: Request): Promise<Response>;
  /** The test cards of the mock. */
  readonly testCards: readonly TestCard[];
  /** How far the mock's clock is ahead of the clock that it was given, and of its calls to merchants. */
  aheadMs(): number;
  /** Moves the mock's clock on. What is due by then has happened when it is next looked at. */
  passTime(ms: number): void;
  cashbox(merchantId: string): Cashbox | undefined;
  /** The Merchant transaction that pays a receipt, where its cashbox has billing. */
  transactionOf(receiptId: string): ReturnType<Cashbox["cashier"]["transactionOf"]>;
}

const MERCHANT_ID = "65a0b0000000000000000001";
const KEY = "mock-key-of-36-characters-0123456789";
const CANCEL_DELAY_MS = 60_000;

/** Keeps the faults' generator apart from that of ids: a run with a fault has the same ids as a run without. */
const FAULT_DICE = 0x5eed;

/**
 * Returns a Payme in memory: its books, its API and the actions of people. Nothing runs until it is called.
 *
 * @throws PaymeConfigError for an empty key or secret, two cashboxes with one id, or a wrong snapshot.
 */
export function createMockCore(options: MockPaymeOptions = {}): { mock: MockCore; inside: MockInside } {
  const { merchantId = MERCHANT_ID, key = KEY, cards = TEST_CARDS, cancelDelayMs = CANCEL_DELAY_MS } = options;
  const { seed = 1, name, billing, notify } = options;
  const given = { now: options.now ?? systemClock, sleep: options.sleep ?? sleep };
  const clock = createMovableClock(given);
  const { now } = clock;
  const choices: MockChoices = { ...DEFAULT_CHOICES, ...options.choices };
  let stop = new AbortController();
  const wait: Sleep = async (ms) => {
    const { signal } = stop;
    await clock.sleep(ms, signal);
    signal.throwIfAborted();
  };
  const newDice = () => ({ ids: seededRandom(seed), faults: seededRandom(seed ^ FAULT_DICE) });
  let dice = newDice();
  const random = () => dice.ids.next();
  let receiptsMade = 0;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const log = createExchangeLog(undefined, changed);
  const money = createMoneyBook(catchUp);
  const callers: OwnedMerchantCaller[] = [];
  const underway = new Set<Promise<unknown>>();
  const faults = createFaults(() => dice.faults.next(), orderOf);

  const newCaller = (of: MerchantCallerOptions, owner: string | null) => {
    // A merchant keeps its own time, whatever the console says: from a moved clock its transactions would come from the future.
    const line = { now: given.now, random, sleep: wait, faults, log, merchantId: owner, stopped: () => stop.signal };
    const caller = createMerchantCaller(of, line);
    callers.push(caller);
    return caller;
  };
  const nextOrder = () => {
    receiptsMade += 1;
    return receiptsMade - 1;
  };
  const clocks = { now, sleep: clock.sleep, wait };
  const shared = { ...clocks, random, choices, money, log, cancelDelayMs, nextOrder, newCaller };
  const first = createCashbox({ merchantId, key, name, billing, notify }, shared);
  const others = (options.cashboxes ?? []).map((of) => createCashbox(of, shared));
  const cashboxes = [first, ...others];
  const byId = new Map(cashboxes.map((cashbox) => [cashbox.merchantId, cashbox]));
  if (byId.size < cashboxes.length)
    throw new PaymeConfigError("createMockPayme: two cashboxes have the same merchantId");
  if (options.restore !== undefined) {
    const saved = restore({ cashboxes, money }, options.restore);
    receiptsMade = saved.receiptsMade;
    clock.setAhead(saved.aheadMs);
    dice.ids = seededRandom(saved.dice);
  }

  function catchUp(): void {
    for (const { book } of cashboxes) book.catchUp();
  }

  /** The cashbox of a receipt. For an unknown receipt it is the first, which then answers that there is none. */
  function ownerOf(receiptId: string): Cashbox {
    return cashboxes.find(({ book }) => book.find(receiptId) !== undefined) ?? first;
  }

  /** The amount and account of a receipt, for fault rules that match them. */
  function orderOf(receiptId: string) {
    const receipt = ownerOf(receiptId).book.find(receiptId);
    if (receipt === undefined) return undefined;
    const account = Object.fromEntries(receipt.account.map(({ name, value }) => [name, value]));
    return { amount: receipt.amount, account };
  }

  function told(work: () => void): () => void {
    return () => {
      work();
      changed();
    };
  }

  /** Waits for an action, then calls the listeners. */
  async function act<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } finally {
      changed();
    }
  }

  const mock: MockCore = {
    merchantId,
    key,
    now,
    cashboxes: cashboxes.map((cashbox) => viewOfCashbox(cashbox, money)),
    faults: {
      list: () => faults.list().map((each) => ({ ...each, remove: told(each.remove) })),
      add(rule) {
        const remove = faults.add(rule);
        changed();
        return told(remove);
      },
      clear() {
        faults.clear();
        changed();
      },
    },
    exchanges: log.exchanges,
    get notifications() {
      catchUp();
      if (others.length === 0) return first.notifier.sent;
      return cashboxes.flatMap(({ notifier }) => notifier.sent).sort((a, b) => a.at - b.at);
    },
    redeliver: (receiptId) => act(ownerOf(receiptId).notifier.redeliver(receiptId)),
    async flush() {
      catchUp();
      await Promise.allSettled(underway);
      await Promise.all(cashboxes.map(({ notifier }) => notifier.flush()));
    },
    receipt: (id) => ownerOf(id).book.find(id),
    receipts: () =>
      cashboxes
        .flatMap(({ book }) => book.all().map((receipt) => ({ receipt, order: book.orderOf(receipt._id) })))
        .sort((a, b) => a.order - b.order)
        .map(({ receipt }) => receipt),
    cards: () => cashboxes.flatMap(({ merchantId: id, tokens }) => tokens.all().map((card) => viewOfCard(id, card))),
    get movements() {
      return money.movements;
    },

    merchant: (of) => newCaller(of, null),
    billing: first.billing,
    async settle() {
      for (const cashbox of cashboxes) await act(cashbox.settle());
    },

    pay(receiptId, { card }) {
      const paying = act(payReceipt({ cards, now }, ownerOf(receiptId), receiptId, card));
      const payment = paying.finally(() => underway.delete(payment));
      underway.add(payment);
      return payment;
    },
    // Async, so that an unknown receipt is a rejection, too.
    cancel: async (receiptId) => act(ownerOf(receiptId).cancel(receiptId)),
    confirmHold: async (receiptId) => act(ownerOf(receiptId).confirm(receiptId)),
    expire: async (receiptId) => act(ownerOf(receiptId).expire(receiptId)),

    async disagreements(of) {
      catchUp();
      return disagreementsOf(cashboxes, of);
    },

    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    snapshot: () =>
      snapshotOf({ cashboxes, money }, { receiptsMade, dice: dice.ids.state(), aheadMs: clock.aheadMs() }),

    reset() {
      stop.abort(new DroppedConnection());
      stop = new AbortController();
      dice = newDice();
      receiptsMade = 0;
      clock.setAhead(0);
      for (const each of [...cashboxes, ...callers, money, faults, log]) each.clear();
      changed();
    },
  };

  const cashbox = (id: string) => byId.get(id);
  const inside: MockInside = {
    answerApi: (request) => answerApi({ cashbox, cards, choices, faults, log, now, sleep: wait }, request),
    testCards: cards,
    aheadMs: clock.aheadMs,
    passTime(ms) {
      clock.setAhead(clock.aheadMs() + ms);
      changed();
    },
    cashbox,
    transactionOf: (id) => ownerOf(id).cashier.transactionOf(id),
  };

  return { mock, inside };
}
