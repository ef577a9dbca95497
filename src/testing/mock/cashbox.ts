import type { Clock, Sleep } from "../../kit/clock";
import { PaymeConfigError } from "../../kit/errors";
import { createTokenBook } from "./card-tokens";
import type { AcceptedCard } from "./cards";
import { createCashier } from "./cashier";
import type { MockChoices } from "./choices";
import type { ExchangeLog } from "./exchange-log";
import type { MerchantCallerOptions } from "./merchant/caller";
import type { OwnedMerchantCaller } from "./merchant-caller";
import type { MockReceipt, NewReceipt } from "./mock-receipt";
import type { MoneyBook } from "./money-book";
import { createNotifier, type NotifyOptions } from "./notifications";
import { paymeId, type Random } from "./random";
import { createReceiptBook } from "./receipt-book";
import type { ReceiptEnd } from "./receipt-steps";

/** Options of a cashbox (kassa) of the mock. */
export interface CashboxOptions {
  readonly merchantId: string;
  /** Its key, which also makes its signatures. */
  readonly key: string;
  /** The shop's name on the payment page. Default "Mock shop". */
  readonly name?: string | undefined;
  /**
   * The merchant's endpoint. Payme calls it when a receipt or a checkout link is paid or cancelled. Default: none, the cashbox
   * is a virtual terminal.
   */
  readonly billing?: MerchantCallerOptions | undefined;
  /** Sends signed notifications, as a gateway of the Wedy guide does. Default: they are only kept in `notifications`. */
  readonly notify?: NotifyOptions | undefined;
}

/** A cashbox with its books. It does not find receipts and tokens of another one. */
export type Cashbox = ReturnType<typeof createCashbox>;

/** The parts that all cashboxes of a mock share. */
interface CashboxTools {
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly wait: Sleep;
  readonly random: Random;
  readonly nextOrder: () => number;
  readonly choices: MockChoices;
  readonly money: MoneyBook;
  readonly log: ExchangeLog;
  readonly cancelDelayMs: number;
  /** Returns a caller of a cashbox's endpoint. */
  readonly newCaller: (of: MerchantCallerOptions, merchantId: string) => OwnedMerchantCaller;
}

/** @throws PaymeConfigError for a wrong id, an empty key, or an empty secret of `notify`. */
export function createCashbox(options: CashboxOptions, tools: CashboxTools) {
  const { merchantId, key, name = "Mock shop" } = options;
  if (merchantId === "" || merchantId.includes(":")) {
    throw new PaymeConfigError("createMockPayme: a merchantId is empty or has a colon");
  }
  if (key === "") throw new PaymeConfigError("createMockPayme: the key is empty");
  const { now, sleep, wait, random } = tools;
  // With billing the account is the merchant's own, and answers have it as it was sent.
  const accountFields = options.billing === undefined ? tools.choices.accountFields : "as_sent";
  const choices: MockChoices = { ...tools.choices, accountFields };
  const ended: { readonly receipt: MockReceipt; readonly end: ReceiptEnd }[] = [];
  const notifier = createNotifier(options.notify, key, { now, sleep, log: tools.log, merchantId });
  const billing = options.billing && tools.newCaller(options.billing, merchantId);
  const tokens = createTokenBook({ random, now, choices });
  const book = createReceiptBook({ merchantId, name, ...tools, choices, onEnd: notify, spend: tokens.spend });
  const cashier = createCashier({ book, sleep: wait, newId: () => paymeId(random, now()), choices, merchant: billing });

  /** Sends the notification of an end. */
  function notify(receipt: MockReceipt, end: ReceiptEnd): void {
    notifier.notify(end === "paid" ? "receipts.pay" : "receipts.cancel", receipt);
    ended.push({ receipt, end });
  }

  /** Changes receipts, then sends the merchant the fiscal data of those that reached an end. */
  async function change<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } finally {
      for (const each of ended.splice(0)) await sendFiscalData(each.receipt, each.end);
    }
  }

  /** SetFiscalData is optional for merchants: their answer changes nothing. Source: "SetFiscalData". */
  async function sendFiscalData({ _id, pay_time }: MockReceipt, end: ReceiptEnd): Promise<void> {
    if (!choices.sendsFiscalData || billing === undefined || pay_time === 0) return;
    await billing.setFiscalData(cashier.transactionOf(_id) ?? _id, end === "paid" ? "PERFORM" : "CANCEL");
  }

  function isHold(id: string, hold: boolean): boolean {
    const asked = book.isHoldAsked(id);
    return asked && hold ? true : asked !== hold && choices.oneSidedHold === "hold";
  }

  return {
    merchantId,
    key,
    name,
    kind: billing === undefined ? ("virtual_terminal" as const) : ("billing" as const),
    endpoint: options.billing?.endpoint,
    notifyUrl: options.notify?.url,
    billing,
    book,
    tokens,
    notifier,
    cashier,

    async create(receipt: NewReceipt): Promise<MockReceipt> {
      if (choices.checksAtCreate) await cashier.ask(receipt);
      return book.add(receipt);
    },
    /** @throws Refusal, as `confirm`, `cancel` and `expire` do. */
    charge: (id: string, accepted: AcceptedCard, { hold }: { hold: boolean }): Promise<MockReceipt> =>
      change(() => cashier.charge(id, accepted, isHold(id, hold))),
    /** True where a payment of a receipt holds the money. */
    isHold,
    confirm: (id: string) => change(() => cashier.confirm(id)),
    cancel: (id: string) => change(() => cashier.cancel(id)),
    expire: (id: string) => change(() => cashier.expire(id)),
    /** Clears up the calls that the merchant left unanswered, as a person at Payme does. */
    settle: () => change(() => cashier.settle()),
    clear(): void {
      book.clear();
      this.tokens.clear();
      cashier.clear();
      notifier.clear();
      ended.length = 0;
    },
  };
}
