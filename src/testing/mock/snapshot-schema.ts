import * as z from "zod";
import { lazy } from "../../kit/lazy";
import type { BookedReceipt } from "./booked-receipt";
import type { SavedToken } from "./card-tokens";
import type { SavedAttempt } from "./cashier";
import type { MerchantMethodName } from "./merchant/answer";
import type { BookEntry } from "./merchant/book-entry";
import type { MockReceipt } from "./mock-receipt";
import type { SavedMovement } from "./money-book";
import type { Notification } from "./notifications";

/** A cashbox's books. */
interface CashboxSnapshot {
  readonly merchantId: string;
  readonly receipts: readonly BookedReceipt[];
  readonly tokens: readonly SavedToken[];
  readonly attempts: readonly SavedAttempt[];
  /** Of its billing. */
  readonly transactions: readonly BookEntry[];
  readonly notifications: readonly Notification[];
}

/** A mock's books as JSON. Its form is not for reading: a later version of this package may have another. */
export interface MockSnapshot {
  /** Of this form: another one is not read. */
  readonly version: 1;
  /** How many receipts were made, and where the dice of ids stand. */
  readonly receiptsMade: number;
  readonly dice: number;
  readonly movements: readonly SavedMovement[];
  readonly cashboxes: readonly CashboxSnapshot[];
}

/** The form of a snapshot: what a file may hold that a person has edited. */
export const snapshotSchema = lazy((): z.ZodType<MockSnapshot> => {
  const tiyin = z.int().nonnegative();
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
  const method = z.enum([
    "CheckPerformTransaction",
    "CreateTransaction",
    "PerformTransaction",
    "CancelTransaction",
    "CheckTransaction",
    "GetStatement",
    "SetFiscalData",
    "ChangePassword",
  ] satisfies MerchantMethodName[]);
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
    undecided: z.array(method),
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
