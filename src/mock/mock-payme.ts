import { type Clock, type Sleep, sleep, systemClock } from "../clock";
import { PaymeConfigError } from "../errors";
import type { Exchange } from "../protocol/exchange";
import { type ApiContext, answerApi } from "./api";
import { asFetch } from "./as-fetch";
import { createTokenBook } from "./card-tokens";
import { type CardInput, TEST_CARDS, type TestCard } from "./cards";
import { createCashier } from "./cashier";
import { createExchangeLog } from "./exchange-log";
import { createFaults, type Faults } from "./faults";
import {
  createMerchantCaller,
  type MerchantCaller,
  type MerchantCallerOptions,
  type OwnedMerchantCaller,
} from "./merchant-caller";
import { createNotifier, type Notification, type NotifyOptions } from "./notifications";
import { answerCheckout, type Checkout, isCheckout } from "./pages/checkout-page";
import { answerPage, isPagePath } from "./pages/payment-page";
import { type PayOutcome, payReceipt } from "./pay-receipt";
import { paymeId, seededRandom } from "./random";
import { createReceiptBook, type MockReceipt } from "./receipt-book";
import { DroppedConnection } from "./refusal";
import type { MockServer, ServeOptions } from "./server";

/** Options of {@link createMockPayme}. */
export interface MockPaymeOptions {
  /** The id of its cashbox. */
  merchantId?: string | undefined;
  /** The cashbox's key, with which signatures are made, too. */
  key?: string | undefined;
  now?: Clock | undefined;
  sleep?: Sleep | undefined;
  /** Decides all ids and dice: the same seed, clock and calls give the same answers. Default 1. */
  seed?: number | undefined;
  /** Where to send signed notifications. Default: nowhere; they are in `notifications` all the same. */
  notify?: NotifyOptions | undefined;
  /** How long a paid receipt stays in state 21 before it is 50. Default one minute. */
  cancelDelayMs?: number | undefined;
  /** The cards that it knows. Default: the Wedy guide's two and Payme's seven. */
  cards?: readonly TestCard[] | undefined;
  /**
   * A cashbox with billing: the merchant's endpoint, which is called while one of its receipts is paid or cancelled, and
   * for checkout links. Default: none, a virtual terminal.
   */
  billing?: MerchantCallerOptions | undefined;
}

/** Payme in memory. Made by {@link createMockPayme}. */
export interface MockPayme {
  readonly merchantId: string;
  readonly key: string;
  /** All of its HTTP surface (API and payment pages), whatever the host: give it to a client as `fetch`. */
  readonly fetch: typeof globalThis.fetch;
  /** Plays Payme's side of the Merchant API against an endpoint. */
  merchant(options: MerchantCallerOptions): MerchantCaller;
  /** The same for this cashbox's own endpoint, undefined where it has none. Its receipts follow `settle` below, not this one's. */
  readonly billing: MerchantCaller | undefined;
  /** What a person at Payme does: repeats calls that the billing left unanswered, and lets its receipts go on. */
  settle(): Promise<void>;
  /** What a payer does on the payment page. */
  pay(receiptId: string, payer: { card: CardInput }): Promise<PayOutcome>;
  /** What a person does in the cabinet: cancels or refunds. With billing it rejects where the merchant refuses. */
  cancel(receiptId: string): Promise<MockReceipt>;
  receipt(id: string): MockReceipt | undefined;
  /** In the order of creation. */
  receipts(): MockReceipt[];
  readonly faults: Faults;
  /** Calls to the API (`in`) and to merchants (`out`), redacted, oldest first. */
  readonly exchanges: readonly Exchange[];
  /** Notifications and how they were answered, oldest first. */
  readonly notifications: readonly Notification[];
  /** Sends the last notification of a receipt again. */
  redeliver(receiptId: string): Promise<Notification | undefined>;
  /** Resolves when no payment is under way and no notification is on its way any more. */
  flush(): Promise<void>;
  /** Everything as it was when it was made. A call that waits is dropped, a notification is not repeated any more. */
  reset(): void;
  /** Serves it over HTTP. */
  listen(options?: ServeOptions): Promise<MockServer>;
}

const MERCHANT_ID = "65a0b0000000000000000001";
const KEY = "mock-key-of-36-characters-0123456789";
const CANCEL_DELAY_MS = 60_000;

/** Keeps the faults' dice apart from the ids: a run with a fault has the ids of the run without. */
const FAULT_DICE = 0x5eed;

/**
 * A Payme in memory: for tests with no cashbox, card or network. Nothing runs until it is called.
 *
 * @throws PaymeConfigError when the key, or the secret of `notify`, is empty.
 * @example
 * const mock = createMockPayme();
 * const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, mode: "test", fetch: mock.fetch });
 * const receipt = await client.receipts.create({ amount: som(1_000), account: { order_id: 1 } });
 * await mock.pay(receipt._id, { card: { number: "8600495473316478", expire: "03/99" } });
 */
export function createMockPayme(options: MockPaymeOptions = {}): MockPayme {
  const { merchantId = MERCHANT_ID, key = KEY, cards = TEST_CARDS, cancelDelayMs = CANCEL_DELAY_MS } = options;
  if (key === "") throw new PaymeConfigError("createMockPayme: the key is empty");
  const { now = systemClock, seed = 1 } = options;
  let stop = new AbortController();
  const wait: Sleep = async (ms) => {
    const { signal } = stop;
    await (options.sleep ?? sleep)(ms, signal);
    signal.throwIfAborted();
  };
  const dice = { ids: seededRandom(seed), faults: seededRandom(seed ^ FAULT_DICE) };
  const random = () => dice.ids();
  const book = createReceiptBook({ merchantId, now, random, cancelDelayMs });
  const tokens = createTokenBook(random);
  const faults = createFaults(() => dice.faults());
  const notifier = createNotifier(options.notify, key, { now, sleep: options.sleep ?? sleep });
  const log = createExchangeLog();
  const callers: OwnedMerchantCaller[] = [];
  const line = { now, random, sleep: wait, faults, log, stopped: () => stop.signal };
  const merchant = (of: MerchantCallerOptions) => {
    const caller = createMerchantCaller(of, line);
    callers.push(caller);
    return caller;
  };
  const billing = options.billing && merchant(options.billing);
  const newId = () => paymeId(random, now());
  const cashier = createCashier({ book, sleep: wait, newId, merchant: billing });
  const underway = new Set<Promise<unknown>>();
  const api: ApiContext = {
    credentials: { merchantId, key },
    methods: { merchantId, book, tokens, cards, now, cashier, notify: notifier.notify },
    faults,
    log,
    now,
    sleep: wait,
  };

  const checkout: Checkout = {
    merchantId,
    hasBilling: billing !== undefined,
    addReceipt: (order) => book.add(order),
  };

  const mock: MockPayme = {
    merchantId,
    key,
    faults: { add: faults.add, clear: faults.clear },
    exchanges: log.exchanges,
    notifications: notifier.sent,
    redeliver: notifier.redeliver,
    async flush() {
      await Promise.allSettled(underway);
      await notifier.flush();
    },
    receipt: book.find,
    receipts: book.all,

    fetch: asFetch(answer),

    merchant,
    billing,
    async settle() {
      for (const receipt of await cashier.settle()) notifier.notify("receipts.pay", receipt);
    },

    pay(receiptId, { card }) {
      const paying = payReceipt({ cards, now, cashier, notify: notifier.notify }, receiptId, card);
      const payment = paying.finally(() => underway.delete(payment));
      underway.add(payment);
      return payment;
    },

    async cancel(receiptId) {
      const before = book.get(receiptId);
      const receipt = await cashier.cancel(receiptId);
      if (before.state !== receipt.state) notifier.notify("receipts.cancel", receipt);
      return receipt;
    },

    reset() {
      stop.abort(new DroppedConnection());
      stop = new AbortController();
      dice.ids = seededRandom(seed);
      dice.faults = seededRandom(seed ^ FAULT_DICE);
      book.clear();
      tokens.clear();
      cashier.clear();
      for (const caller of callers) caller.clear();
      faults.clear();
      notifier.clear();
      log.clear();
    },

    async listen(serveOptions) {
      const { serve } = await import("./server");
      return serve(answer, serveOptions);
    },
  };

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/api" || pathname === "/api/") return answerApi(api, request);
    if (isPagePath(pathname)) return answerPage({ ...mock, transactionOf: cashier.transactionOf }, request);
    if (isCheckout({ method: request.method, pathname })) return answerCheckout(checkout, request);
    return new Response("This is a mock of Payme: POST /api, or open a receipt's page or a checkout link.\n", {
      status: 404,
    });
  }

  return mock;
}
