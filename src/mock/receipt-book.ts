import type { Clock } from "../clock";
import { SubscribeErrorCode } from "../protocol/codes";
import type { AccountField, Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import type { AcceptedCard } from "./cards";
import type { MockChoices } from "./choices";
import type { MoneyBook, MovementKind } from "./money-book";
import { paymeId, type Random } from "./random";
import { Refusal } from "./refusal";

/** A receipt as the mock keeps it: with all that Payme's answers have. */
export type MockReceipt = Receipt & {
  create_time: number;
  pay_time: number;
  cancel_time: number;
  cheque_id: string;
  description: string;
  account: AccountField[];
  merchant: { readonly _id: string; readonly name: string; readonly [member: string]: unknown };
};

/** What a receipt is made of. */
export interface NewReceipt {
  readonly amount: number;
  readonly account: Readonly<Record<string, unknown>>;
  readonly description: string;
  readonly detail: unknown;
  readonly hold?: boolean | undefined;
}

const {
  CREATED,
  CHECKING,
  DEBITING,
  CLOSING,
  PAID,
  HELD,
  HOLDING,
  CANCEL_QUEUED,
  CLOSE_QUEUED,
  CANCELLED,
}: typeof ReceiptState = ReceiptState;

/**
 * The arrows between states. 21 becomes 50 by itself, when the money is back. 1, 2, 3 and 30 are passed with billing, and
 * where `choices.payAnswers` says so; that a refused attempt leaves the receipt open (back to 0), and a refused refund leaves it
 * paid, is this mock's choice: Payme does not say.
 */
const ARROWS: Readonly<Record<number, readonly number[]>> = {
  [CREATED]: [PAID, HELD, CANCELLED, CHECKING, DEBITING, CLOSING, CLOSE_QUEUED, HOLDING],
  [CHECKING]: [DEBITING, CREATED, PAID],
  [DEBITING]: [CLOSING, CREATED, HELD, PAID],
  [CLOSING]: [PAID, CLOSE_QUEUED, CANCELLED],
  [CLOSE_QUEUED]: [PAID, CANCEL_QUEUED, CANCELLED],
  [HOLDING]: [HELD],
  [HELD]: [PAID, CANCELLED, CANCEL_QUEUED, CLOSING],
  [PAID]: [CANCEL_QUEUED],
  [CANCEL_QUEUED]: [CANCELLED, PAID, HELD, CLOSE_QUEUED],
};

/** Where the money has left the card. */
const DEBITED: readonly number[] = [CLOSING, CLOSE_QUEUED, PAID];

/** Uzcard lets held money go after 30 days; from then on HUMO's can only be taken. Source: "Холдирование". */
const HOLD_MS = 30 * 24 * 3_600_000;
const HUMO = /^9860/;

/** What the clock will do to a receipt. */
interface Due {
  readonly at: number;
  readonly to: typeof CANCELLED | typeof PAID | typeof HELD;
}

/** A receipt and what Payme remembers beside it. */
export interface BookedReceipt {
  readonly receipt: MockReceipt;
  /** Its place among all receipts of the mock. */
  readonly order: number;
  readonly isHoldAsked: boolean;
  /** The card that pays it. */
  accepted?: AcceptedCard | undefined;
  /** Where the payer's money is. */
  money: "on_card" | "held" | "taken";
  due?: Due | undefined;
  heldAt?: number | undefined;
  /** Phones that it was sent to. */
  readonly sentTo: string[];
  fiscalData?: unknown;
}

/** The receipts of a cashbox, and the only way in which they change. */
export interface ReceiptBook {
  add(receipt: NewReceipt): MockReceipt;
  /** As it stands now. @throws Refusal -31602 when there is none. */
  get(id: string): MockReceipt;
  find(id: string): MockReceipt | undefined;
  /** In the order of creation. */
  all(): MockReceipt[];
  /** Does to all of them what has fallen due by now. */
  catchUp(): void;
  /** The place of a receipt among all of the mock. */
  orderOf(id: string): number;
  /** True where `hold` was said when it was made. */
  isHoldAsked(id: string): boolean;
  /** The whole number of the card that pays it. */
  cardNumberOf(id: string): string | undefined;
  /** @throws Refusal -31602 unless it waits for payment: the same code as for a receipt that is not there. */
  pay(id: string, card: AcceptedCard): MockReceipt;
  /** The card is debited, and the merchant not told yet. @throws Refusal -31630 where it has too little. */
  debit(id: string, card: AcceptedCard): MockReceipt;
  /** Sets the money aside. @throws Refusal as `pay` */
  hold(id: string, card: AcceptedCard): MockReceipt;
  /** Takes held money. @throws Refusal -31602 unless it is held. */
  confirm(id: string): MockReceipt;
  /** The same where the merchant must agree first: the receipt stands at 3, its money taken. */
  startConfirm(id: string): MockReceipt;
  /** The merchant has agreed to what the card was debited for: paid. @throws Refusal -31602 unless it is at 3 or 30. */
  close(id: string): MockReceipt;
  /** True where the payer's money was held at some time. */
  wasHeld(id: string): boolean;
  /** One step of a payment with billing. @throws Refusal -31602 where no such step leads on from where it stands. */
  move(id: string, to: number): MockReceipt;
  /** An unpaid one at once, a paid one by a queue; one that is cancelled, or is being paid, stays as it is. */
  cancel(id: string): MockReceipt;
  /** @throws Refusal for a hold that can only be confirmed any more. */
  requireReleasable(id: string): void;
  /** Puts one in the queue for cancellation, where it stays until the merchant has agreed. */
  queueReturn(id: string): MockReceipt;
  /** The merchant has agreed: the money is on its way back, from the first such word on. */
  giveBack(id: string): MockReceipt;
  /** The payer is gone, or the bank lets a hold go: cancelled at once. Anything else, and HUMO's hold after its 30 days, stays as it is. */
  expire(id: string): MockReceipt;
  sendTo(id: string, phone: string): void;
  saveFiscalData(id: string, data: unknown): MockReceipt;
  clear(): void;
  saved(): BookedReceipt[];
  restore(saved: readonly BookedReceipt[]): void;
}

/** What the book works with. */
export interface ReceiptBookOptions {
  readonly merchantId: string;
  readonly name: string;
  readonly now: Clock;
  readonly random: Random;
  /** Counts the receipts of all cashboxes. */
  readonly nextOrder: () => number;
  readonly money: MoneyBook;
  readonly choices: MockChoices;
  /** How long a paid receipt stays in the queue for cancellation. */
  readonly cancelDelayMs: number;
  /** Called when a receipt has come to an end, whoever or whatever brought it there: once for each. */
  readonly onEnd: (receipt: MockReceipt, end: ReceiptEnd) => void;
}

/** What Payme's side can be told of: paid, or cancelled, which for a refund is its beginning. */
export type ReceiptEnd = "paid" | "cancelled";

/** A refund to which the merchant has not agreed yet has not begun: until then the receipt is as paid as it was. */
function endOf({ receipt: { state, pay_time }, due }: BookedReceipt): ReceiptEnd | undefined {
  if (state === CANCELLED || (state === CANCEL_QUEUED && due !== undefined)) return "cancelled";
  const isPaid = state === PAID || (state === CANCEL_QUEUED && pay_time > 0);
  return isPaid ? "paid" : undefined;
}

export function createReceiptBook(options: ReceiptBookOptions): ReceiptBook {
  const { merchantId, now, random, money, choices, cancelDelayMs, onEnd } = options;
  const entries = new Map<string, BookedReceipt>();

  /** The only place where a state changes, and where money moves with it. @throws Refusal -31602 where no arrow leads there. */
  function move(entry: BookedReceipt, to: number, at: number): void {
    if (ARROWS[entry.receipt.state]?.includes(to) !== true) throw notFound();
    entry.receipt.state = to;
    entry.due = dueOf(entry, to);
    if (to === PAID && entry.receipt.pay_time === 0) entry.receipt.pay_time = at;
    if (DEBITED.includes(to) && entry.money !== "taken")
      moveMoney(entry, entry.money === "held" ? "capture" : "take", at);
    if (to === HELD && entry.money === "on_card") moveMoney(entry, "hold", at);
    if (to !== CANCELLED) return;
    entry.receipt.cancel_time = at;
    if (entry.money !== "on_card") moveMoney(entry, entry.money === "held" ? "release" : "return", at);
  }

  function endOfLife({ create_time }: Pick<MockReceipt, "create_time">): Due | undefined {
    const lifetime = choices.unpaidLifetimeMs;
    return lifetime === null ? undefined : { at: create_time + lifetime, to: CANCELLED };
  }

  /** What time does to a receipt that has come, or come back, to a state. */
  function dueOf(entry: BookedReceipt, state: number): Due | undefined {
    if (state === CREATED) return endOfLife(entry.receipt);
    if (state !== HELD || entry.heldAt === undefined || isHumo(entry)) return undefined;
    return { at: entry.heldAt + HOLD_MS, to: CANCELLED };
  }

  function moveMoney(entry: BookedReceipt, kind: MovementKind, at: number): void {
    const { accepted, receipt } = entry;
    if (accepted === undefined) throw new Error(`no card to ${kind} for receipt ${receipt._id}`);
    if (kind === "take" || kind === "hold") money.requireEnough(accepted, receipt.amount);
    money.note(accepted, { at, kind, receiptId: receipt._id, merchantId, amount: receipt.amount });
    entry.money = kind === "hold" ? "held" : kind === "take" || kind === "capture" ? "taken" : "on_card";
  }

  function catchUp(entry: BookedReceipt): void {
    const { due } = entry;
    if (due === undefined || now() < due.at) return;
    watched(entry, () => {
      entry.due = undefined;
      if (due.to === HELD) finishHold(entry, due.at);
      else move(entry, due.to, due.at);
    });
    catchUp(entry);
  }

  /** Does something to a receipt, and tells of the end that it has come to. */
  function watched(entry: BookedReceipt, update: () => void): void {
    const before = endOf(entry);
    update();
    const end = endOf(entry);
    if (end !== undefined && end !== before) onEnd(structuredClone(entry.receipt), end);
  }

  function entryOf(id: string): BookedReceipt {
    const entry = entries.get(id);
    if (entry === undefined) throw notFound();
    catchUp(entry);
    return entry;
  }

  function change(id: string, update: (entry: BookedReceipt) => void): MockReceipt {
    const entry = entryOf(id);
    watched(entry, () => update(entry));
    return structuredClone(entry.receipt);
  }

  /** Payme rewrites create_time when payment starts, and writes the expiry as YYMM here. */
  function startPayment({ receipt }: BookedReceipt, { masked, expire }: AcceptedCard, at: number): void {
    receipt.create_time = at;
    receipt.card = { number: masked, expire: expire.slice(2) + expire.slice(0, 2) };
    receipt.processing_id = 0;
  }

  function finishHold(entry: BookedReceipt, at: number): void {
    entry.heldAt = at;
    move(entry, HELD, at);
  }

  /** Payment starts: its end at once, or, where it is so chosen, after Payme has been at work. */
  function begin(entry: BookedReceipt, card: AcceptedCard, to: typeof PAID | typeof HELD): void {
    const at = now();
    const { state, amount } = entry.receipt;
    // With billing a hold comes after the merchant's word, at 2; at the same state a virtual terminal is debiting already.
    const isAtTheCard = state === DEBITING && to === HELD && entry.money === "on_card";
    if (state !== CREATED && !isAtTheCard) throw notFound();
    money.requireEnough(card, amount);
    entry.accepted = card;
    startPayment(entry, card, at);
    if (choices.payAnswers !== null && state === CREATED) {
      // Debited from the start: nothing that comes in between can spend it.
      moveMoney(entry, to === PAID ? "take" : "hold", at);
      move(entry, to === HELD ? HOLDING : choices.payAnswers, at);
      entry.due = { at: at + choices.workMs, to };
    } else if (to === PAID) move(entry, PAID, at);
    else finishHold(entry, at);
  }

  function startConfirm(entry: BookedReceipt, to: typeof PAID | typeof CLOSING): void {
    if (entry.receipt.state !== HELD) throw notFound();
    entry.receipt.create_time = now();
    move(entry, to, now());
  }

  function isHumo({ accepted }: BookedReceipt): boolean {
    return HUMO.test(accepted?.card.number ?? "");
  }

  function isReleasable(entry: BookedReceipt): boolean {
    const { heldAt, receipt } = entry;
    if (receipt.state !== HELD || heldAt === undefined) return true;
    return !isHumo(entry) || now() <= heldAt + HOLD_MS;
  }

  function requireReleasable(entry: BookedReceipt): void {
    if (isReleasable(entry)) return;
    throw new Refusal(SubscribeErrorCode.CARD_REFUSED, "Холд по карте HUMO старше 30 дней можно только подтвердить");
  }

  return {
    find: (id) => (entries.has(id) ? structuredClone(entryOf(id).receipt) : undefined),
    get: (id) => structuredClone(entryOf(id).receipt),
    all: () => [...entries.keys()].map((id) => structuredClone(entryOf(id).receipt)),
    catchUp() {
      for (const entry of entries.values()) catchUp(entry);
    },
    orderOf: (id) => entryOf(id).order,
    isHoldAsked: (id) => entryOf(id).isHoldAsked,
    cardNumberOf: (id) => entryOf(id).accepted?.card.number,
    clear: () => entries.clear(),
    saved: () => structuredClone([...entries.values()]),
    restore(saved) {
      for (const entry of structuredClone(saved)) entries.set(entry.receipt._id, entry);
    },

    add({ amount, account, description, detail, hold = false }) {
      const at = now();
      const id = paymeId(random, at);
      const order = options.nextOrder();
      entries.set(id, {
        order,
        isHoldAsked: hold,
        money: "on_card",
        due: endOfLife({ create_time: at }),
        sentTo: [],
        receipt: {
          _id: id,
          create_time: at,
          pay_time: 0,
          cancel_time: 0,
          state: CREATED,
          type: hold ? 1 : 2,
          external: false,
          operation: -1,
          category: null,
          error: null,
          description,
          detail,
          amount,
          currency: 860,
          commission: 0,
          account: accountOf(account, order, choices.accountFields),
          card: null,
          merchant: merchantOf(merchantId, options.name),
          meta: { source: "subscribe", owner: merchantId },
          processing_id: null,
          cheque_id: paymeId(random, at),
        },
      });
      return structuredClone(entryOf(id).receipt);
    },

    pay: (id, card) => change(id, (entry) => begin(entry, card, PAID)),
    hold: (id, card) => change(id, (entry) => begin(entry, card, HELD)),

    debit: (id, card) =>
      change(id, (entry) => {
        if (entry.receipt.state !== DEBITING) throw notFound();
        money.requireEnough(card, entry.receipt.amount);
        entry.accepted = card;
        startPayment(entry, card, now());
        move(entry, CLOSING, now());
      }),

    confirm: (id) => change(id, (entry) => startConfirm(entry, PAID)),
    startConfirm: (id) => change(id, (entry) => startConfirm(entry, CLOSING)),
    close: (id) =>
      change(id, (entry) => {
        if (entry.receipt.state !== CLOSING && entry.receipt.state !== CLOSE_QUEUED) throw notFound();
        move(entry, PAID, now());
      }),
    wasHeld: (id) => entryOf(id).heldAt !== undefined,

    move: (id, to) => change(id, (entry) => move(entry, to, now())),

    requireReleasable: (id) => requireReleasable(entryOf(id)),

    cancel: (id) =>
      change(id, (entry) => {
        const { state } = entry.receipt;
        requireReleasable(entry);
        const isQueued = state === PAID || (state === HELD && choices.cancelledHold === "queued");
        if (isQueued) {
          move(entry, CANCEL_QUEUED, now());
          entry.due = { at: now() + cancelDelayMs, to: CANCELLED };
        } else if (state === CREATED || state === HELD) {
          move(entry, CANCELLED, now());
        } else return;
        entry.receipt.meta = cancelledBy(merchantId);
      }),

    queueReturn: (id) =>
      change(id, (entry) => {
        move(entry, CANCEL_QUEUED, now());
        entry.receipt.meta = cancelledBy(merchantId);
      }),

    giveBack: (id) =>
      change(id, (entry) => {
        entry.due ??= { at: now() + cancelDelayMs, to: CANCELLED };
      }),

    expire: (id) =>
      change(id, (entry) => {
        const isOpen = entry.receipt.state === CREATED || entry.receipt.state === HELD;
        if (isOpen && isReleasable(entry)) move(entry, CANCELLED, now());
      }),

    sendTo: (id, phone) => void entryOf(id).sentTo.push(phone),

    saveFiscalData: (id, data) =>
      change(id, (entry) => {
        entry.fiscalData = data;
      }),
  };
}

function cancelledBy(merchantId: string) {
  return { source: "subscribe", owner: merchantId, source_cancel: "subscribe" };
}

/** Payme's code for a receipt that is not there, and for one that is paid. */
export function notFound(): Refusal {
  return new Refusal(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID, "Чек не найден или оплачен");
}

/** The account as answers have it: a list. A virtual terminal adds a number of its own, or shows nothing else. */
function accountOf(
  account: Readonly<Record<string, unknown>>,
  order: number,
  fields: MockChoices["accountFields"],
): AccountField[] {
  const sent = Object.entries(account).map(accountField);
  if (fields === "as_sent") return sent;
  const isAlone = fields === "transaction_only";
  const transaction = { name: "transaction", title: "Номер чека", value: String(order + 1), main: isAlone };
  return isAlone ? [transaction] : [...sent, transaction];
}

/** Numbers come in and texts go out, as Payme does it. */
function accountField([name, value]: [string, unknown], index: number): AccountField {
  return { name, title: name, value: String(value), main: index === 0 };
}

function merchantOf(merchantId: string, name: string) {
  return {
    _id: merchantId,
    name,
    organization: `ООО «${name}»`,
    address: "",
    business_id: merchantId,
    epos: { merchantId: "", terminalId: "" },
    date: 0,
    logo: null,
    type: "Internet",
    terms: null,
  };
}
