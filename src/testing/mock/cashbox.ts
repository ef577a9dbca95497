import type { Clock, Sleep } from "../../kit/clock";
import { PaymeConfigError } from "../../kit/errors";
import type { ReceiptEnd } from "./booked-receipt";
import { createTokenBook, type TokenBook } from "./card-tokens";
import type { AcceptedCard } from "./cards";
import { type Cashier, createCashier } from "./cashier";
import type { MockChoices } from "./choices";
import type { ExchangeLog } from "./exchange-log";
import type { MerchantCallerOptions } from "./merchant/caller";
import type { OwnedMerchantCaller } from "./merchant-caller";
import type { MockReceipt, NewReceipt } from "./mock-receipt";
import type { MoneyBook } from "./money-book";
import { createNotifier, type Notifier, type NotifyOptions } from "./notifications";
import { paymeId, type Random } from "./random";
import { createReceiptBook, type ReceiptBook } from "./receipt-book";

/** A cashbox (kassa) of the mock's. */
export interface CashboxOptions {
  readonly merchantId: string;
  /** Its key, with which signatures are made, too. */
  readonly key: string;
  /** What the payer reads. Default "Mock shop". */
  readonly name?: string | undefined;
  /**
   * With billing: the merchant's endpoint, which is called while one of its receipts is paid or cancelled, and for checkout
   * links. Default: none, a virtual terminal.
   */
  readonly billing?: MerchantCallerOptions | undefined;
  /** Where to send signed notifications, as a gateway of the Wedy guide does. Default: nowhere; they are in `notifications` all the same. */
  readonly notify?: NotifyOptions | undefined;
}

/** A cashbox with its books. Receipts and tokens of another one are not found in it. */
export interface Cashbox {
  readonly merchantId: string;
  readonly key: string;
  readonly name: string;
  readonly kind: "virtual_terminal" | "billing";
  readonly endpoint: string | undefined;
  readonly notifyUrl: string | undefined;
  readonly billing: OwnedMerchantCaller | undefined;
  readonly book: ReceiptBook;
  readonly tokens: TokenBook;
  readonly notifier: Notifier;
  readonly cashier: Cashier;
  create(receipt: NewReceipt): Promise<MockReceipt>;
  /** @throws Refusal, as the three below do. */
  charge(receiptId: string, accepted: AcceptedCard, options: { hold: boolean }): Promise<MockReceipt>;
  confirm(receiptId: string): Promise<MockReceipt>;
  cancel(receiptId: string): Promise<MockReceipt>;
  expire(receiptId: string): Promise<MockReceipt>;
  /** What a person at Payme does with calls that the merchant left unanswered. */
  settle(): Promise<void>;
  clear(): void;
}

/** What all cashboxes of a mock share. */
export interface CashboxTools {
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly wait: Sleep;
  readonly random: Random;
  readonly nextOrder: () => number;
  readonly choices: MockChoices;
  readonly money: MoneyBook;
  readonly log: ExchangeLog;
  readonly cancelDelayMs: number;
  /** Plays Payme against an endpoint, for a cashbox. */
  readonly newCaller: (of: MerchantCallerOptions, merchantId: string) => OwnedMerchantCaller;
}

interface Ended {
  readonly receipt: MockReceipt;
  readonly end: ReceiptEnd;
}

/** @throws PaymeConfigError where the key, or the secret of `notify`, is empty. */
export function createCashbox(options: CashboxOptions, tools: CashboxTools): Cashbox {
  const { merchantId, key, name = "Mock shop" } = options;
  if (merchantId === "" || merchantId.includes(":")) {
    throw new PaymeConfigError("createMockPayme: a merchantId is empty, or has a colon");
  }
  if (key === "") throw new PaymeConfigError("createMockPayme: the key is empty");
  const { now, sleep, wait, random } = tools;
  // With billing the account is the merchant's own, and comes back as it was sent.
  const accountFields = options.billing === undefined ? tools.choices.accountFields : "as_sent";
  const choices: MockChoices = { ...tools.choices, accountFields };
  const ended: Ended[] = [];
  const notifier = createNotifier(options.notify, key, { now, sleep, log: tools.log, merchantId });
  const billing = options.billing && tools.newCaller(options.billing, merchantId);
  const book = createReceiptBook({ merchantId, name, ...tools, choices, onEnd: tell });
  const cashier = createCashier({ book, sleep: wait, newId: () => paymeId(random, now()), choices, merchant: billing });

  /** Tells the gateway's listeners of an end. */
  function tell(receipt: MockReceipt, end: ReceiptEnd): void {
    notifier.notify(end === "paid" ? "receipts.pay" : "receipts.cancel", receipt);
    ended.push({ receipt, end });
  }

  /** Does something to receipts; then the merchant gets the fiscal data of what came to its end. */
  async function change<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } finally {
      for (const each of ended.splice(0)) await sendFiscalData(each);
    }
  }

  /** Optional for merchants: whatever they answer changes nothing. Source: "SetFiscalData". */
  async function sendFiscalData({ receipt: { _id, pay_time }, end }: Ended): Promise<void> {
    if (!choices.sendsFiscalData || billing === undefined || pay_time === 0) return;
    await billing.setFiscalData(cashier.transactionOf(_id) ?? _id, end === "paid" ? "PERFORM" : "CANCEL");
  }

  return {
    merchantId,
    key,
    name,
    kind: billing === undefined ? "virtual_terminal" : "billing",
    endpoint: options.billing?.endpoint,
    notifyUrl: options.notify?.url,
    billing,
    book,
    tokens: createTokenBook({ random, now, choices }),
    notifier,
    cashier,

    async create(receipt) {
      if (choices.checksAtCreate) await cashier.ask(receipt);
      return book.add(receipt);
    },
    charge(id, accepted, { hold }) {
      const asked = book.isHoldAsked(id);
      const isHold = asked && hold ? true : asked !== hold && choices.oneSidedHold === "hold";
      return change(() => cashier.charge(id, accepted, isHold));
    },
    confirm: (id) => change(() => cashier.confirm(id)),
    cancel: (id) => change(() => cashier.cancel(id)),
    expire: (id) => change(() => cashier.expire(id)),
    settle: () => change(() => cashier.settle()),
    clear() {
      book.clear();
      this.tokens.clear();
      cashier.clear();
      notifier.clear();
      ended.length = 0;
    },
  };
}
