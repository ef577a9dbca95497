import { PaymeValidationError } from "../kit/errors";
import type { PaymentRow } from "../ledger";
import type { CreatedPayment } from "../payments/create-payment";
import type { Payments } from "../payments/payments";
import type { Catalogue } from "./catalogue";
import type { TariffsContext } from "./context";
import { dearerRunning } from "./projection";
import { timetableOf } from "./rules";
import { snapshotOf } from "./snapshot";
import { amountOf, type Tariff } from "./tariff";

/** A second purchase of the same thing within this time is a double click. */
const DOUBLE_CLICK_MS = 600_000;
/** The longest user id and idempotency key. */
const MAX_TEXT_LENGTH = 255;

/** Who buys what. */
export interface Purchase {
  readonly userId: string;
  readonly tariffId: number;
  /** In som, where the buyer was shown a price: another one than the tariff's is refused. */
  readonly amount?: number | undefined;
  /**
   * The buyer's own name for this purchase: with the same key it is the same payment for ever, also once it is paid.
   * Without one, an unpaid payment of the same user, tariff and price younger than ten minutes is answered again.
   */
  readonly idempotencyKey?: string | undefined;
  /** What the payer reads. Default: the tariff's name. */
  readonly description?: string | undefined;
}

/** A payment that waits for its payer, and what it buys. */
export interface PurchasedTariff extends CreatedPayment {
  readonly tariff: Tariff;
}

/** What purchasing works with. */
export interface PurchaseContext<Tx> extends TariffsContext<Tx> {
  readonly payments: Payments;
  readonly catalogue: Catalogue;
}

/** Makes the payment for a tariff, once for each purchase. */
export async function purchase<Tx>(context: PurchaseContext<Tx>, wanted: Purchase): Promise<PurchasedTariff> {
  checkTexts(wanted);
  const tariff = await context.catalogue.get(wanted.tariffId);
  // A repeat is answered as it was the first time, whatever became of the tariff or its price.
  const earlier = await findByKey(context, wanted);
  if (earlier !== undefined) return { tariff, ...(await answerAgain(context, earlier, wanted)) };
  checkPrice(tariff, wanted);
  await refuseCheaper(context, tariff, wanted.userId);
  const created = await context.payments.create({
    amount: amountOf(tariff),
    description: wanted.description ?? tariff.name,
    userId: wanted.userId,
    tariffId: tariff.id,
    data: snapshotOf(tariff),
    ...referenceOf(tariff, wanted),
  });
  // Two calls with one key may have looked at the same time, and only one made its payment.
  refuseOtherTariff(created.payment, wanted);
  return { tariff, ...created };
}

async function findByKey<Tx>(context: PurchaseContext<Tx>, wanted: Purchase): Promise<PaymentRow | undefined> {
  if (wanted.idempotencyKey === undefined) return undefined;
  const found = await context.payments.findByReference(keyReference(wanted.userId, wanted.idempotencyKey));
  if (found === undefined) return undefined;
  refuseOtherTariff(found, wanted);
  // What failed or was closed unpaid made no charge: the same key may try again.
  return found.status === "PENDING" || found.paidAt !== null ? found : undefined;
}

async function answerAgain<Tx>(
  context: PurchaseContext<Tx>,
  payment: PaymentRow,
  wanted: Purchase,
): Promise<CreatedPayment> {
  const { id, amount, transactionId, chequeId, payUrl, reference } = payment;
  if (payUrl !== null || payment.status !== "PENDING" || reference === null) {
    return { id, transactionId, chequeId, payUrl: payUrl ?? "", reused: true, payment };
  }
  // Its first call still waits for Payme: this one waits with it.
  const { userId, tariffId } = wanted;
  const description = payment.description ?? undefined;
  return context.payments.create({ amount, reference, description, userId, tariffId, data: payment.data });
}

function referenceOf(tariff: Tariff, { userId, idempotencyKey }: Purchase) {
  if (idempotencyKey !== undefined) return { reference: keyReference(userId, idempotencyKey), once: true };
  const reference = `tariff:${escaped(userId)}:${tariff.id}:${tariff.price}`;
  return { reference, referenceTtlMs: DOUBLE_CLICK_MS };
}

function keyReference(userId: string, key: string): string {
  return `key:${escaped(userId)}:${key}`;
}

/** Without this, user `a` with key `b:c` and user `a:b` with key `c` would share a payment. */
function escaped(userId: string): string {
  return userId.replace(/[%:]/g, encodeURIComponent);
}

function checkTexts({ userId, idempotencyKey }: Purchase): void {
  checkText("userId", userId);
  if (idempotencyKey !== undefined) checkText("idempotencyKey", idempotencyKey);
}

/** A user's id is also a key of a row: NUL and lone surrogates would not come back as they were given. */
export function checkText(field: string, text: unknown): void {
  const fits = typeof text === "string" && text.length >= 1 && text.length <= MAX_TEXT_LENGTH;
  if (fits && !/[\0\p{Surrogate}]/u.test(text)) return;
  throw new PaymeValidationError(`${field}: give a text of 1 to ${MAX_TEXT_LENGTH} characters`);
}

function checkPrice(tariff: Tariff, { amount }: Purchase): void {
  if (!tariff.isActive) {
    throw new PaymeValidationError(`tariffId: tariff ${tariff.id} is not on sale`, { hint: "Choose an active one." });
  }
  if (amount === undefined || amount === tariff.price) return;
  throw new PaymeValidationError(`amount: ${amount} som is not the price of tariff ${tariff.id}, ${tariff.price} som`, {
    hint: "Show the buyer the price of today, and send that one in som, or leave amount out.",
  });
}

async function refuseCheaper<Tx>(context: PurchaseContext<Tx>, tariff: Tariff, userId: string): Promise<void> {
  const timetable = timetableOf(await context.store.listGrants(userId));
  const running = dearerRunning(timetable, tariff, context.now());
  if (running === undefined) return;
  throw new PaymeValidationError(
    `tariffId: ${tariff.price} som is cheaper than the tariff that runs, ${running.tariffId} for ${running.price} som`,
    { hint: "Buy it when the running one has ended." },
  );
}

function refuseOtherTariff(payment: PaymentRow, { tariffId, idempotencyKey }: Purchase): void {
  if (payment.tariffId === tariffId) return;
  throw new PaymeValidationError(`idempotencyKey: ${JSON.stringify(idempotencyKey)} belongs to another purchase`, {
    code: "CONFLICT",
    hint: "Use a new key for each purchase.",
  });
}
