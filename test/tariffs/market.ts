import { createPayments, type PaymentsOptions } from "../../src/entry";
import { type Activation, createTariffs } from "../../src/entry/tariffs";
import type { Logger } from "../../src/kit/logger";
import { som } from "../../src/kit/money";
import type { Incident, PaymentRow } from "../../src/ledger";
import { hasPostgres } from "../postgres/database";
import { openMemory, openPostgres, openSqlite } from "./open-stores";
import { receiptId, receiptsClient } from "./receipts-client";
import type { OpenedStore } from "./tariff-store-suite";

export const DAY = 86_400_000;

/** Tariffs of a shop with a clock of its own. */
export async function marketOver<Tx>(
  { storage, store, deleteTariff, rewriteData, storedPrices }: OpenedStore<Tx>,
  options: Partial<PaymentsOptions<Tx>> = {},
) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  const incidents: Incident[] = [];
  const activations: Activation[] = [];
  const lines: string[] = [];
  const log = (message: string, fields?: object) => lines.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { info: log, warn: log, error: log };
  let ids = 0;
  const payments = createPayments<Tx>({
    storage,
    client: receiptsClient,
    now: () => now,
    newId: () => {
      ids += 1;
      return `payment-${ids}`;
    },
    logger,
    onPaid: () => true,
    onIncident: (incident) => incidents.push(incident),
    ...options,
  });
  const tariffs = createTariffs<Tx>({ payments, store, onActivated: (activation) => activations.push(activation) });
  await tariffs.migrate();
  const basic = await tariffs.create({ name: "Basic", price: som(10_000), durationDays: 30 });
  const premium = await tariffs.create({ name: "Premium", price: som(50_000), durationDays: 30 });
  let keys = 0;

  /** Money comes in for a payment, as Payme reports it. */
  const pay = ({ id, amount }: PaymentRow) =>
    payments.recordPaid({ paymeId: receiptId(id), amount, paidAt: now, source: "gateway" });

  /** A payment that waits for its payer, one of many for the same tariff. */
  async function order(userId: string, tariffId: number): Promise<PaymentRow> {
    keys += 1;
    return (await tariffs.purchase({ userId, tariffId, idempotencyKey: `key-${keys}` })).payment;
  }

  return {
    tariffs,
    basic,
    premium,
    incidents,
    activations,
    lines,
    now: () => now,
    /** Time goes by. */
    pass: (ms: number) => {
      now += ms;
    },
    order,
    pay,
    async buy(userId: string, tariffId: number): Promise<PaymentRow> {
      const payment = await order(userId, tariffId);
      await pay(payment);
      return payment;
    },
    /** The money of a payment goes back. */
    refund: ({ id }: PaymentRow) =>
      payments.recordCancelled({ paymeId: receiptId(id), cancelledAt: now, source: "gateway" }),
    /** The user's row as it stands in the database. */
    user: (userId: string) => store.findUser(userId),
    grants: (userId: string) => store.listGrants(userId),
    deleteTariff,
    rewriteData,
    storedPrices,
  };
}

export type Market = Awaited<ReturnType<typeof marketOver<unknown>>>;

/** The same rules on each database. */
export const markets: readonly (readonly [name: string, open: () => Promise<Market>])[] = [
  ["memory", async () => marketOver(await openMemory())],
  ["sqlite", async () => marketOver(await openSqlite())],
  // Where there is none, the tests of the tariff store say so.
  ...(hasPostgres ? ([["postgres", async () => marketOver(await openPostgres())]] as const) : []),
];
