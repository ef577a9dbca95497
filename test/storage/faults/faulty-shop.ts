import { type CreatedPayment, createPayments, type PaidReport, type PaymentsOptions } from "../../../src/entry";
import { createPaymeClient } from "../../../src/entry/client";
import { createMerchantApi } from "../../../src/entry/merchant";
import { createTariffs, sqlTariffStore } from "../../../src/entry/tariffs";
import type { Logger } from "../../../src/kit/logger";
import { som } from "../../../src/kit/money";
import { createMockPayme } from "../../../src/tools/mock-server/mock-payme";
import type { FaultyDatabase } from "./faulty-databases";

export const MINUTE = 60_000;
export const DAY = 1_440 * MINUTE;
export const AMOUNT = som(50_000);
export const USER = "user-1";

const CARD = { number: "8600495473316478", expire: "03/99" };
const TEST_KEY = "test-key-of-36-characters-0123456789";
const SYSTEM_ERROR = -32400;

/** A shop whose database fails: it sells tariffs and orders, takes receipts and the Merchant API, and has a Payme of its own. */
export type FaultyShop = Awaited<ReturnType<typeof openFaultyShop>>;

/**
 * @param options in place of the shop's own: hooks that are careless, for instance.
 */
export async function openFaultyShop<Tx>(
  database: FaultyDatabase<Tx>,
  options: Pick<PaymentsOptions<Tx>, "onPaid" | "onRefunded"> = {
    onPaid: async ({ id }, tx) => given(await database.give(tx, id, 1)),
    onRefunded: async ({ id }, tx) => given(await database.give(tx, id, -1)),
  },
) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  const clock = () => now;
  const mock = createMockPayme({ now: clock, seed: 1 });
  const client = createPaymeClient({
    merchantId: mock.merchantId,
    key: mock.key,
    mode: "test",
    fetch: mock.fetch,
    logger: SILENT,
    retries: 0,
  });
  const { storage } = database;
  const payments = createPayments<Tx>({
    storage,
    client,
    now: clock,
    logger: SILENT,
    async sleep(ms) {
      now += ms;
    },
    ...options,
  });
  const tariffs = createTariffs<Tx>({ payments, store: sqlTariffStore(storage) });
  const merchant = createMerchantApi({
    ...payments.asOrders(),
    key: `live-${TEST_KEY}`,
    testKey: TEST_KEY,
    now: clock,
    logger: SILENT,
  });
  const premium = await tariffs.create({ name: "Premium", price: som(50_000), durationDays: 30 });

  return {
    mock,
    storage,
    tariffs,
    payments,
    premium,
    now: clock,
    /** Time goes by. */
    pass(ms: number) {
      now += ms;
    },
    /** An open payment for an order, with its receipt. */
    order: (reference = "order:1") => payments.create({ reference, amount: AMOUNT }),
    /** An open payment whose money is held, as the books know. */
    async held(reference = "order:1") {
      const order = await payments.create({ reference, amount: AMOUNT, hold: true });
      await mock.pay(order.transactionId ?? "", { card: CARD });
      await payments.check(order.id);
      return order;
    },
    /** An open payment for a tariff, with its receipt. */
    buy: () => tariffs.purchase({ userId: USER, tariffId: premium.id, idempotencyKey: "key-1" }),
    /** The report of a notification that a payment's receipt was paid. */
    paid: ({ transactionId }: CreatedPayment, report: Partial<PaidReport> = {}): PaidReport => ({
      paymeId: transactionId ?? "",
      amount: AMOUNT,
      paidAt: now,
      source: "gateway",
      ...report,
    }),
    /** A payer pays a receipt at Payme. */
    payAtPayme: ({ transactionId }: CreatedPayment) => mock.pay(transactionId ?? "", { card: CARD }),
    /** A person pays whatever can be paid. */
    async payAllAtPayme() {
      for (const { _id, state } of mock.receipts()) if (state === 0) await mock.pay(_id, { card: CARD });
    },
    /** Calls the Merchant API as Payme does; the answer's state, error code or `ok`. Rejects where Payme is told to come again. */
    async call(method: string, params: object): Promise<string> {
      const { body } = await merchant.handle({
        method: "POST",
        headers: { authorization: `Basic ${Buffer.from(`Paycom:${TEST_KEY}`).toString("base64")}` },
        body: JSON.stringify({ method, params, id: 7 }),
      });
      const pieces: string[] = [];
      for await (const piece of typeof body === "string" ? [body] : body) pieces.push(piece);
      const { result, error }: MerchantAnswer = JSON.parse(pieces.join(""));
      if (error?.code === SYSTEM_ERROR) throw new Error("Payme is told to come again");
      return String(error?.code ?? result?.state ?? "ok");
    },
    /** What the shop's timers do: they ask Payme about whatever is due, and bring users' rows up to date. */
    async runTimers() {
      await payments.reconcile();
      await tariffs.sweep();
    },
  };
}

/** What was written is given. */
const given = (_written: unknown) => true;

interface MerchantAnswer {
  readonly result?: { readonly state?: number };
  readonly error?: { readonly code: number };
}

const SILENT: Logger = { info() {}, warn() {}, error() {} };
