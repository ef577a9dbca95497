import type { Clock } from "../clock";
import { SubscribeErrorCode } from "../protocol/codes";
import type { AccountField, Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import type { AcceptedCard } from "./cards";
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
  merchant: { readonly name: string; readonly [member: string]: unknown };
};

/** What a receipt is made of. */
export interface NewReceipt {
  readonly amount: number;
  readonly account: Readonly<Record<string, unknown>>;
  readonly description: string;
  readonly detail: unknown;
}

const { CREATED, CHECKING, DEBITING, CLOSING, PAID, CANCEL_QUEUED, CLOSE_QUEUED, CANCELLED } = ReceiptState;

/**
 * The arrows between states. 21 becomes 50 by itself, when the money is back. 1, 2, 3 and 30 are passed with billing only;
 * that a refused attempt leaves the receipt open (back to 0), and a refused refund leaves it paid, is this mock's choice:
 * Payme does not say.
 */
const ARROWS: Readonly<Record<number, readonly number[]>> = {
  [CREATED]: [PAID, CANCELLED, CHECKING],
  [CHECKING]: [DEBITING, CREATED],
  [DEBITING]: [CLOSING, CREATED],
  [CLOSING]: [PAID, CLOSE_QUEUED, CANCELLED],
  [CLOSE_QUEUED]: [PAID, CANCEL_QUEUED, CANCELLED],
  [PAID]: [CANCEL_QUEUED],
  [CANCEL_QUEUED]: [CANCELLED, PAID, CLOSE_QUEUED],
};

/** Where a payment may come to its end. From 21 a receipt only goes back to 4. */
const PAYABLE: readonly number[] = [CREATED, CLOSING, CLOSE_QUEUED];

/** The receipts of a mock, and the only way in which they change. */
export interface ReceiptBook {
  add(receipt: NewReceipt): MockReceipt;
  /** As it stands now. @throws Refusal -31602 when there is none. */
  get(id: string): MockReceipt;
  find(id: string): MockReceipt | undefined;
  /** In the order of creation. */
  all(): MockReceipt[];
  /** @throws Refusal -31602 unless it waits for payment: the same code as for a receipt that is not there. */
  pay(id: string, card: AcceptedCard): MockReceipt;
  /** One step of a payment with billing. @throws Refusal -31602 where no such step leads on from where it stands. */
  move(id: string, to: number): MockReceipt;
  /** An unpaid one at once, a paid one by a queue; one that is cancelled, or is being paid, stays as it is. */
  cancel(id: string): MockReceipt;
  /** Puts one in the queue for cancellation, where it stays until the merchant has agreed. */
  queueReturn(id: string): MockReceipt;
  /** The merchant has agreed: the money is on its way back, from the first such word on. */
  giveBack(id: string): MockReceipt;
  clear(): void;
}

/** What the book works with. */
export interface ReceiptBookOptions {
  readonly merchantId: string;
  readonly now: Clock;
  readonly random: Random;
  /** How long a paid receipt stays in the queue for cancellation. */
  readonly cancelDelayMs: number;
}

export function createReceiptBook({ merchantId, now, random, cancelDelayMs }: ReceiptBookOptions): ReceiptBook {
  const receipts = new Map<string, MockReceipt>();
  /** When those in the queue were put there. */
  const queuedAt = new Map<string, number>();

  function find(id: string): MockReceipt | undefined {
    const receipt = receipts.get(id);
    const since = queuedAt.get(id);
    if (receipt !== undefined && since !== undefined && now() >= since + cancelDelayMs) {
      queuedAt.delete(id);
      move(receipt, CANCELLED);
      receipt.cancel_time = since + cancelDelayMs;
    }
    return receipt === undefined ? undefined : structuredClone(receipt);
  }

  function get(id: string): MockReceipt {
    const receipt = find(id);
    if (receipt === undefined) throw notFound();
    return receipt;
  }

  function change(id: string, update: (receipt: MockReceipt) => void): MockReceipt {
    get(id);
    const receipt = receipts.get(id);
    if (receipt !== undefined) update(receipt);
    return get(id);
  }

  return {
    find,
    get,
    all: () => [...receipts.keys()].map(get),
    clear() {
      receipts.clear();
      queuedAt.clear();
    },

    add({ amount, account, description, detail }) {
      const at = now();
      const id = paymeId(random, at);
      receipts.set(id, {
        _id: id,
        create_time: at,
        pay_time: 0,
        cancel_time: 0,
        state: CREATED,
        type: 2,
        external: false,
        operation: -1,
        category: null,
        error: null,
        description,
        detail,
        amount,
        currency: 860,
        commission: 0,
        account: Object.entries(account).map(accountField),
        card: null,
        merchant: merchantOf(merchantId),
        meta: { source: "subscribe", owner: merchantId },
        processing_id: null,
        cheque_id: paymeId(random, at),
      });
      return get(id);
    },

    pay(id, { masked, expire }) {
      return change(id, (receipt) => {
        if (!PAYABLE.includes(receipt.state)) throw notFound();
        const at = now();
        move(receipt, PAID);
        // Payme rewrites create_time when payment starts, and writes YYMM here.
        receipt.create_time = at;
        receipt.pay_time = at;
        receipt.card = { number: masked, expire: expire.slice(2) + expire.slice(0, 2) };
        receipt.processing_id = 0;
      });
    },

    move: (id, to) =>
      change(id, (receipt) => {
        move(receipt, to);
        if (to === CANCELLED) receipt.cancel_time = now();
      }),

    cancel(id) {
      return change(id, (receipt) => {
        if (receipt.state === CREATED) {
          move(receipt, CANCELLED);
          receipt.cancel_time = now();
          receipt.meta = cancelledBy(merchantId);
        } else if (receipt.state === PAID) {
          move(receipt, CANCEL_QUEUED);
          queuedAt.set(id, now());
          receipt.meta = cancelledBy(merchantId);
        }
      });
    },

    queueReturn: (id) =>
      change(id, (receipt) => {
        move(receipt, CANCEL_QUEUED);
        receipt.meta = cancelledBy(merchantId);
      }),

    giveBack: (id) =>
      change(id, () => {
        if (!queuedAt.has(id)) queuedAt.set(id, now());
      }),
  };
}

/** @throws Refusal -31602, which is also Payme's code for a receipt that is paid. */
function move(receipt: MockReceipt, to: number): void {
  if (ARROWS[receipt.state]?.includes(to) !== true) throw notFound();
  receipt.state = to;
}

function cancelledBy(merchantId: string) {
  return { source: "subscribe", owner: merchantId, source_cancel: "subscribe" };
}

function notFound(): Refusal {
  return new Refusal(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID, "Чек не найден или оплачен");
}

/** Numbers come in and texts go out, as Payme does it. */
function accountField([name, value]: [string, unknown], index: number): AccountField {
  return { name, title: name, value: String(value), main: index === 0 };
}

function merchantOf(merchantId: string) {
  return {
    _id: merchantId,
    name: "Mock shop",
    organization: "ООО «Mock»",
    address: "",
    business_id: merchantId,
    epos: { merchantId: "", terminalId: "" },
    date: 0,
    logo: null,
    type: "Internet",
    terms: null,
  };
}
