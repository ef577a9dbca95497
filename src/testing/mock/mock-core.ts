import { type Clock, type Sleep, sleep, systemClock } from "../../kit/clock";
import { PaymeConfigError } from "../../kit/errors";
import { answerApi } from "./api";
import { type CardInput, TEST_CARDS, type TestCard } from "./cards";
import { type Cashbox, createCashbox } from "./cashbox";
import { DEFAULT_CHOICES, type MockChoices } from "./choices";
import { type DisagreementOptions, disagreementsOf } from "./disagreements";
import { createExchangeLog, type MockExchange } from "./exchange-log";
import { createFaults, type Faults } from "./faults";
import type { MerchantCaller, MerchantCallerOptions } from "./merchant/caller";
import type { Disagreement } from "./merchant/disagreement";
import { createMerchantCaller, type OwnedMerchantCaller } from "./merchant-caller";
import type { MockPaymeOptions } from "./mock-payme-options";
import type { MockReceipt } from "./mock-receipt";
import { createMoneyBook, type Movement } from "./money-book";
import type { Notification } from "./notifications";
import { type PayOutcome, payReceipt } from "./pay-receipt";
import { seededRandom } from "./random";
import { DroppedConnection } from "./refusal";
import { restore, snapshotOf } from "./snapshot";
import type { MockSnapshot } from "./snapshot-schema";
import { type MockCard, type MockCashbox, viewOfCard, viewOfCashbox } from "./views";

/** Payme in memory, without pages: what {@link MockPayme} is made of. */
export interface MockCore {
  /** Of the first cashbox. */
  readonly merchantId: string;
  readonly key: string;
  readonly cashboxes: readonly MockCashbox[];
  /** Plays Payme's side of the Merchant API against an endpoint. */
  merchant(options: MerchantCallerOptions): MerchantCaller;
  /** The same for the first cashbox's own endpoint, undefined where it has none. Its receipts follow `settle` below, not this one's. */
  readonly billing: MerchantCaller | undefined;
  /** What a person at Payme does: repeats calls that the billing left unanswered, and lets its receipts go on. */
  settle(): Promise<void>;
  /** What a payer does on the payment page. */
  pay(receiptId: string, payer: { card: CardInput }): Promise<PayOutcome>;
  /** What a person does in the cabinet: cancels or refunds. With billing it rejects where the merchant refuses. */
  cancel(receiptId: string): Promise<MockReceipt>;
  /** The same: takes the money that a receipt holds. */
  confirmHold(receiptId: string): Promise<MockReceipt>;
  /** What time does: an unpaid receipt is cancelled, and the bank lets a hold go. Another one stays as it is. */
  expire(receiptId: string): Promise<MockReceipt>;
  receipt(id: string): MockReceipt | undefined;
  /** Of all cashboxes, in the order of creation. */
  receipts(): MockReceipt[];
  /** The cards that were given to it. */
  cards(): MockCard[];
  /** The movements of the payers' money, oldest first: what was held, taken, and given back. */
  readonly movements: readonly Movement[];
  readonly faults: Faults;
  /** Calls to the API (`in`), to merchants and their webhooks (`out`), redacted, oldest first. */
  readonly exchanges: readonly MockExchange[];
  /** Notifications and how they were answered, oldest first. */
  readonly notifications: readonly Notification[];
  /** Sends the last notification of a receipt again. */
  redeliver(receiptId: string): Promise<Notification | undefined>;
  /**
   * Where Payme's books and the merchants' differ, of all cashboxes; empty: they agree. For a virtual terminal give the merchant's rows; without them only
   * notifications that nobody took are told.
   */
  disagreements(options?: DisagreementOptions): Promise<Disagreement[]>;
  /** Calls the listener after each exchange, and after each change by `pay`, `cancel` and the like; gives what ends that. */
  onChange(listener: () => void): () => void;
  /**
   * The books as JSON, to go on with in another mock (`restore`). It has the tokens, which pay at this mock, and the whole numbers of the
   * cards that it knows: no cards of real people belong into a mock.
   */
  snapshot(): MockSnapshot;
  /** Resolves when no payment is under way and no notification is on its way any more. */
  flush(): Promise<void>;
  /**
   * Everything as in a new mock: empty books, whatever `restore` had brought, and the first ids again. A call that waits is dropped,
   * a notification is not repeated any more; who listens to changes goes on listening.
   */
  reset(): void;
}

/** What pages need of a mock and users do not. */
export interface MockInside {
  /** Answers a call to the API. */
  answerApi(request: Request): Promise<Response>;
  /** The cards that it knows how to behave with. */
  readonly testCards: readonly TestCard[];
  readonly now: Clock;
  cashbox(merchantId: string): Cashbox | undefined;
  /** The Merchant transaction that pays a receipt, where its cashbox has billing. */
  transactionOf(receiptId: string): ReturnType<Cashbox["cashier"]["transactionOf"]>;
}

const MERCHANT_ID = "65a0b0000000000000000001";
const KEY = "mock-key-of-36-characters-0123456789";
const CANCEL_DELAY_MS = 60_000;

/** Keeps the faults' dice apart from the ids: a run with a fault has the ids of the run without. */
const FAULT_DICE = 0x5eed;

/**
 * Returns a Payme in memory: books, API and what people do. Nothing runs until it is called.
 *
 * @throws PaymeConfigError when a key, or the secret of `notify`, is empty, two cashboxes have one id, or `restore` is no snapshot.
 */
export function createMockCore(options: MockPaymeOptions = {}): { mock: MockCore; inside: MockInside } {
  const { merchantId = MERCHANT_ID, key = KEY, cards = TEST_CARDS, cancelDelayMs = CANCEL_DELAY_MS } = options;
  const { now = systemClock, seed = 1, name, billing, notify } = options;
  const choices: MockChoices = { ...DEFAULT_CHOICES, ...options.choices };
  let stop = new AbortController();
  const wait: Sleep = async (ms) => {
    const { signal } = stop;
    await (options.sleep ?? sleep)(ms, signal);
    signal.throwIfAborted();
  };
  const dice = { ids: seededRandom(seed), faults: seededRandom(seed ^ FAULT_DICE) };
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
    const line = { now, random, sleep: wait, faults, log, merchantId: owner, stopped: () => stop.signal };
    const caller = createMerchantCaller(of, line);
    callers.push(caller);
    return caller;
  };
  const shared = { now, sleep: options.sleep ?? sleep, wait, random, choices, money, log, cancelDelayMs };
  const nextOrder = () => {
    receiptsMade += 1;
    return receiptsMade - 1;
  };
  const first = createCashbox({ merchantId, key, name, billing, notify }, { ...shared, nextOrder, newCaller });
  const others = (options.cashboxes ?? []).map((of) => createCashbox(of, { ...shared, nextOrder, newCaller }));
  const cashboxes = [first, ...others];
  const byId = new Map(cashboxes.map((cashbox) => [cashbox.merchantId, cashbox]));
  if (byId.size < cashboxes.length) throw new PaymeConfigError("createMockPayme: two cashboxes have one merchantId");
  if (options.restore !== undefined) {
    const saved = restore({ cashboxes, money }, options.restore);
    receiptsMade = saved.receiptsMade;
    dice.ids = seededRandom(saved.dice);
  }

  function catchUp(): void {
    for (const { book } of cashboxes) book.catchUp();
  }

  /** Whose a receipt is; the first cashbox where it is nobody's, which then says that it is not there. */
  function ownerOf(receiptId: string): Cashbox {
    return cashboxes.find(({ book }) => book.find(receiptId) !== undefined) ?? first;
  }

  /** What a receipt is about, for faults that go by its amount or account. */
  function orderOf(receiptId: string) {
    const receipt = ownerOf(receiptId).book.find(receiptId);
    if (receipt === undefined) return undefined;
    const account = Object.fromEntries(receipt.account.map(({ name, value }) => [name, value]));
    return { amount: receipt.amount, account };
  }

  function inOrder(receipts: readonly (readonly [number, MockReceipt])[]): MockReceipt[] {
    return [...receipts].sort(([a], [b]) => a - b).map(([, receipt]) => receipt);
  }

  function told(work: () => void): () => void {
    return () => {
      work();
      changed();
    };
  }

  /** What a person does, told to who watches. */
  async function act<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } finally {
      changed();
    }
  }

  const api = { cashbox: (id: string) => byId.get(id), cards, choices, faults, log, now, sleep: wait };

  const mock: MockCore = {
    merchantId,
    key,
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
      const [only, ...more] = cashboxes.map(({ notifier }) => notifier.sent);
      return more.length === 0 ? (only ?? []) : [...(only ?? []), ...more.flat()].sort((a, b) => a.at - b.at);
    },
    redeliver: (receiptId) => act(ownerOf(receiptId).notifier.redeliver(receiptId)),
    async flush() {
      catchUp();
      await Promise.allSettled(underway);
      await Promise.all(cashboxes.map(({ notifier }) => notifier.flush()));
    },
    receipt: (id) => ownerOf(id).book.find(id),
    receipts: () =>
      inOrder(
        cashboxes.flatMap(({ book }) => book.all().map((receipt) => [book.orderOf(receipt._id), receipt] as const)),
      ),
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
    // Async: a receipt that is not there is a rejection, too.
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

    snapshot: () => snapshotOf({ cashboxes, money, receiptsMade, dice: dice.ids.state() }),

    reset() {
      stop.abort(new DroppedConnection());
      stop = new AbortController();
      dice.ids = seededRandom(seed);
      dice.faults = seededRandom(seed ^ FAULT_DICE);
      receiptsMade = 0;
      for (const each of [...cashboxes, ...callers, money, faults, log]) each.clear();
      changed();
    },
  };

  const inside: MockInside = {
    answerApi: (request) => answerApi(api, request),
    testCards: cards,
    now,
    cashbox: (id) => byId.get(id),
    transactionOf: (id) => ownerOf(id).cashier.transactionOf(id),
  };

  return { mock, inside };
}
