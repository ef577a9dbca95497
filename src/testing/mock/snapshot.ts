import * as z from "zod";
import { PaymeConfigError } from "../../kit/errors";
import { lazy } from "../../kit/lazy";
import { isTiyin, type Tiyin } from "../../kit/money";
import type { SavedToken } from "./card-tokens";
import type { Cashbox } from "./cashbox";
import type { SavedAttempt } from "./cashier";
import { MERCHANT_METHODS } from "./merchant/answer";
import type { BookEntry } from "./merchant/merchant-book";
import type { MockReceipt } from "./mock-receipt";
import type { MoneyBook, SavedMovement } from "./money-book";
import type { MockNotification } from "./notifications";
import { parseJson } from "./parse-json";
import type { BookedReceipt } from "./receipt-steps";

/** The books of a cashbox. */
interface CashboxSnapshot {
  readonly merchantId: string;
  readonly receipts: readonly BookedReceipt[];
  readonly tokens: readonly SavedToken[];
  readonly attempts: readonly SavedAttempt[];
  /** The transactions of its billing. */
  readonly transactions: readonly BookEntry[];
  readonly notifications: readonly MockNotification[];
}

/** The books of a mock as JSON. Do not read its members: a later version of this package may change them. */
export interface MockSnapshot {
  /** The version of this form. Others are refused. */
  readonly version: 1;
  /** How many receipts were made, and the state of the generator of ids. */
  readonly receiptsMade: number;
  readonly dice: number;
  /** How far the mock's clock was ahead. Default 0. */
  readonly aheadMs: number;
  readonly movements: readonly SavedMovement[];
  readonly cashboxes: readonly CashboxSnapshot[];
}

/** Checks a snapshot: a person may have edited its file. */
const snapshotSchema = lazy((): z.ZodType<MockSnapshot> => {
  const tiyin = z.custom<Tiyin>(isTiyin);
  const time = z.int();
  const behaviour = z.object({
    stage: z.enum(["create", "verify_code", "pay"]),
    code: z.int(),
    message: z.string(),
    delayMs: z.number().nonnegative().optional(),
  });
  const accepted = z.object({
    card: z.object({
      number: z.string(),
      expire: z.string().nullable(),
      hasCvv: z.boolean(),
      behaviour: behaviour.optional(),
      balance: tiyin.optional(),
    }),
    masked: z.string(),
    expire: z.string(),
  });
  const receipt: z.ZodType<MockReceipt> = z.looseObject({
    _id: z.string(),
    state: z.int(),
    amount: tiyin,
    create_time: time,
    pay_time: time,
    cancel_time: time,
    cheque_id: z.string(),
    description: z.string(),
    account: z.array(z.looseObject({ name: z.string(), value: z.union([z.string(), z.number(), z.null()]) })),
    merchant: z.looseObject({ _id: z.string(), name: z.string() }),
  });
  const booked = z.object({
    receipt,
    order: z.int(),
    isHoldAsked: z.boolean(),
    accepted: accepted.optional(),
    money: z.enum(["on_card", "held", "taken"]),
    due: z.object({ at: time, to: z.union([z.literal(50), z.literal(4), z.literal(5)]) }).optional(),
    late: z
      .array(
        z.union([
          z.object({ at: time, kind: z.enum(["pay", "hold"]), card: accepted, oneOffToken: z.string().optional() }),
          z.object({ at: time, kind: z.enum(["confirm", "cancel"]) }),
        ]),
      )
      .optional(),
    heldAt: time.optional(),
    sentTo: z.array(z.string()),
    fiscalData: z.unknown().optional(),
  });
  const token = z.object({
    token: z.string(),
    id: z.string(),
    accepted,
    recurrent: z.boolean(),
    amount: tiyin.optional(),
    customer: z.string().optional(),
    createdAt: time,
    verified: z.boolean(),
    codeSentAt: time.optional(),
    wrongCodes: z.int(),
  });
  const transaction: z.ZodType<BookEntry> = z.object({
    id: z.string(),
    time,
    amount: z.number(),
    account: z.record(z.string(), z.unknown()),
    state: z.int(),
    reason: z.int().nullable(),
    createTime: time,
    performTime: time,
    cancelTime: time,
    transaction: z.string().nullable(),
    undecided: z.array(z.enum(MERCHANT_METHODS)),
    reasons: z.array(z.int()),
    underway: z.int(),
    isPerformSent: z.boolean(),
    isReasonTold: z.boolean(),
    changes: z.int(),
  });
  return z.object({
    version: z.literal(1),
    receiptsMade: z.int().nonnegative(),
    dice: z.int().nonnegative(),
    aheadMs: z.int().nonnegative().default(0),
    movements: z.array(
      z.object({
        at: time,
        kind: z.enum(["hold", "release", "take", "capture", "return"]),
        receiptId: z.string(),
        merchantId: z.string(),
        card: z.string(),
        amount: tiyin,
        number: z.string(),
      }),
    ),
    cashboxes: z.array(
      z.object({
        merchantId: z.string(),
        receipts: z.array(booked),
        tokens: z.array(z.object({ names: z.array(z.string()), card: token })),
        attempts: z.array(z.object({ receiptId: z.string(), transactionId: z.string(), accepted })),
        transactions: z.array(transaction),
        notifications: z.array(
          z.object({
            method: z.enum(["receipts.pay", "receipts.cancel"]),
            merchantId: z.string(),
            receiptId: z.string(),
            body: z.string(),
            at: time,
            attempts: z.array(z.int().nullable()),
          }),
        ),
      }),
    ),
  });
});

/** The parts of a mock that a snapshot saves. */
interface SnapshotParts {
  readonly cashboxes: readonly Cashbox[];
  readonly money: MoneyBook;
}

/** Returns the books as JSON. */
export function snapshotOf(
  { cashboxes, money }: SnapshotParts,
  counts: Pick<MockSnapshot, "receiptsMade" | "dice" | "aheadMs">,
): MockSnapshot {
  return {
    version: 1,
    ...counts,
    movements: money.saved(),
    cashboxes: cashboxes.map(({ merchantId, book, tokens, cashier, billing, notifier }) => ({
      merchantId,
      receipts: book.saved(),
      tokens: tokens.saved(),
      attempts: cashier.saved(),
      transactions: billing?.saved() ?? [],
      notifications: structuredClone([...notifier.sent]),
    })),
  };
}

/**
 * Puts saved books back, by the cashboxes' ids. Books of cashboxes that the mock does not have are left out.
 *
 * @throws PaymeConfigError unless it is a snapshot of this version.
 */
export function restore(parts: SnapshotParts, saved: unknown): MockSnapshot {
  const snapshot = readSnapshot(saved);
  const known = new Map(parts.cashboxes.map((cashbox) => [cashbox.merchantId, cashbox]));
  for (const { merchantId, receipts, tokens, attempts, transactions, notifications } of snapshot.cashboxes) {
    const cashbox = known.get(merchantId);
    cashbox?.book.restore(receipts);
    cashbox?.tokens.restore(tokens);
    cashbox?.cashier.restore(attempts);
    cashbox?.billing?.restore(transactions);
    cashbox?.notifier.sent.push(...structuredClone([...notifications]));
  }
  parts.money.restore(snapshot.movements.filter(({ merchantId }) => known.has(merchantId)));
  return snapshot;
}

/** Reads JSON text, or a parsed value. */
function readSnapshot(saved: unknown): MockSnapshot {
  const parsed = snapshotSchema().safeParse(typeof saved === "string" ? parseJson(saved) : saved);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PaymeConfigError(
    `createMockPayme: restore is not a snapshot of this version (${["snapshot", ...(issue?.path ?? [])].join(".")}: ${issue?.message})`,
    { hint: "Give the unchanged value of mock.snapshot(), or leave restore out to begin with empty books." },
  );
}
