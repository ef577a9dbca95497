import { PaymeValidationError } from "../kit/errors";
import type { Tiyin } from "../kit/money";
import type { PaymentRow } from "../ledger";
import { type CreatedPayment, created } from "../payments/create-payment";
import type { Payments } from "../payments/payments";
import type { Catalogue } from "./catalogue";
import type { TariffsContext } from "./context";
import { inSom, TARIFF_KIND, type Tariff, tariffData, tariffIdOf } from "./tariff";
import { dearerRunning, timetableOf } from "./timetable";

/** A second purchase of the same thing within this time is a double click. */
const DOUBLE_CLICK_MS = 600_000;
/** The longest user id and idempotency key. */
const MAX_TEXT_LENGTH = 255;

/** Who buys what. */
export interface Purchase {
  readonly userId: string;
  readonly tariffId: number;
  /** The price that the buyer was shown. It must be the tariff's. */
  readonly amount?: Tiyin | undefined;
  /**
   * The buyer's own name for this purchase: the same key always gives the same payment, also once it is paid. Without
   * one, an unpaid payment of the same user, tariff and price is given again for ten minutes.
   */
  readonly idempotencyKey?: string | undefined;
  /** The text that the payer reads. Default: the tariff's name. */
  readonly description?: string | undefined;
}

/** A payment that waits for its payer, and what it buys. */
export interface PurchasedTariff extends CreatedPayment {
  readonly tariff: Tariff;
}

/** The context of a purchase. */
export interface PurchaseContext<Tx> extends TariffsContext<Tx> {
  readonly payments: Pick<Payments, "create" | "findByReference">;
  readonly catalogue: Catalogue;
}

/** Makes the payment for a tariff, once for each purchase. */
export async function purchase<Tx>(context: PurchaseContext<Tx>, wanted: Purchase): Promise<PurchasedTariff> {
  checkText("userId", wanted.userId);
  if (wanted.idempotencyKey !== undefined) checkText("idempotencyKey", wanted.idempotencyKey);
  const tariff = await context.catalogue.get(wanted.tariffId);
  // A repeat gives the first payment, also where the tariff or its price has changed.
  const earlier = await findByKey(context, wanted);
  if (earlier !== undefined) return { tariff, ...(await answerAgain(context, earlier)) };
  checkPrice(tariff, wanted);
  await refuseCheaper(context, tariff, wanted.userId);
  const created = await context.payments.create({
    kind: TARIFF_KIND,
    amount: tariff.price,
    description: wanted.description ?? tariff.name,
    userId: wanted.userId,
    data: tariffData(tariff),
    ...referenceOf(tariff, wanted),
  });
  // Two calls with one key may have searched at the same time, and only one made its payment.
  refuseOtherTariff(created.payment, wanted);
  return { tariff, ...created };
}

/** Returns a tariff that the user may buy now. */
export async function offer<Tx>(
  context: TariffsContext<Tx> & { readonly catalogue: Catalogue },
  wanted: Pick<Purchase, "userId" | "tariffId" | "amount">,
): Promise<Tariff> {
  checkText("userId", wanted.userId);
  const tariff = await context.catalogue.get(wanted.tariffId);
  checkPrice(tariff, wanted);
  await refuseCheaper(context, tariff, wanted.userId);
  return tariff;
}

async function findByKey<Tx>(context: PurchaseContext<Tx>, wanted: Purchase): Promise<PaymentRow | undefined> {
  if (wanted.idempotencyKey === undefined) return undefined;
  const found = await context.payments.findByReference(keyReference(wanted.userId, wanted.idempotencyKey));
  if (found === undefined) return undefined;
  refuseOtherTariff(found, wanted);
  // A payment that failed or was closed unpaid took no money: the same key may try again.
  return found.status === "PENDING" || found.paidAt !== null ? found : undefined;
}

async function answerAgain<Tx>(context: PurchaseContext<Tx>, payment: PaymentRow): Promise<CreatedPayment> {
  const { amount, userId, data, payUrl, reference } = payment;
  if (payUrl !== null || payment.status !== "PENDING" || reference === null) return created(payment, true);
  // The first call still waits for Payme: this one waits with it.
  const description = payment.description ?? undefined;
  return context.payments.create({ kind: TARIFF_KIND, amount, reference, description, userId, data });
}

function referenceOf(tariff: Tariff, { userId, idempotencyKey }: Purchase) {
  if (idempotencyKey !== undefined) return { reference: keyReference(userId, idempotencyKey), once: true };
  const reference = `tariff:${escaped(userId)}:${tariff.id}:${inSom(tariff.price)}`;
  return { reference, referenceTtlMs: DOUBLE_CLICK_MS };
}

function keyReference(userId: string, key: string): string {
  return `key:${escaped(userId)}:${key}`;
}

/** Returns a user's id as a part of a key. Without this, user `a` with key `b:c` and user `a:b` with key `c` would share a payment. */
export function escaped(userId: string): string {
  return userId.replace(/[%:]/g, encodeURIComponent);
}

/** A user's id is also a key of a row: a database may change NUL and lone surrogates. */
export function checkText(field: string, text: unknown): void {
  const fits = typeof text === "string" && text.length >= 1 && text.length <= MAX_TEXT_LENGTH;
  if (fits && !/[\0\p{Surrogate}]/u.test(text)) return;
  throw new PaymeValidationError(`${field}: give a text of 1 to ${MAX_TEXT_LENGTH} characters`);
}

const PAYER_TEXTS = {
  notOnSale: { ru: "Этот тариф не продаётся", uz: "Bu tarif sotuvda emas", en: "This tariff is not on sale" },
  otherPrice: {
    ru: "Цена изменилась. Обновите страницу",
    uz: "Narx o‘zgargan. Sahifani yangilang",
    en: "The price has changed. Reload the page",
  },
  cheaper: {
    ru: "У вас действует тариф дороже. Этот можно купить, когда он закончится",
    uz: "Sizda qimmatroq tarif amal qilmoqda. Bunisini u tugagach olish mumkin",
    en: "You have a dearer tariff now. You can buy this one when it ends",
  },
};

function checkPrice(tariff: Tariff, { amount }: Pick<Purchase, "amount">): void {
  if (!tariff.isActive) {
    throw new PaymeValidationError(`tariffId: tariff ${tariff.id} is not on sale`, {
      hint: "Choose an active one.",
      texts: PAYER_TEXTS.notOnSale,
    });
  }
  if (amount === undefined || amount === tariff.price) return;
  const [given, price] = [inSom(amount), inSom(tariff.price)];
  throw new PaymeValidationError(`amount: ${given} som is not the price of tariff ${tariff.id}, ${price} som`, {
    hint: "Show the buyer today's price and send it in som, or leave amount out.",
    texts: PAYER_TEXTS.otherPrice,
  });
}

async function refuseCheaper<Tx>(context: TariffsContext<Tx>, tariff: Tariff, userId: string): Promise<void> {
  const timetable = timetableOf(await context.store.listGrants(userId));
  const running = dearerRunning(timetable, tariff, context.now());
  if (running === undefined) return;
  const [wanted, price] = [inSom(tariff.price), inSom(running.price)];
  throw new PaymeValidationError(
    `tariffId: ${wanted} som is cheaper than the tariff that runs, ${running.tariffId} for ${price} som`,
    { hint: "Buy it when the running one has ended.", texts: PAYER_TEXTS.cheaper },
  );
}

function refuseOtherTariff(payment: PaymentRow, { tariffId, idempotencyKey }: Purchase): void {
  if (tariffIdOf(payment) === tariffId) return;
  throw new PaymeValidationError(`idempotencyKey: ${JSON.stringify(idempotencyKey)} belongs to another purchase`, {
    code: "CONFLICT",
    hint: "Use a new key for each purchase.",
  });
}
