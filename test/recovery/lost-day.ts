import { createPayments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { fetchMerchant } from "../../src/entry/fetch";
import type { StatementRow } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { KEY, openShop } from "../merchant/shop";
import type { ShopBooks } from "../merchant/shop-books";

export const HOUR = 3_600_000;
/** One of the mock's cards that pays. */
const card = { number: "8600495473316478", expire: "03/99" };
export const AMOUNT = som(50_000);

/** The books of one database, opened. */
export interface OpenBooks<Tx> {
  readonly books: ShopBooks<Tx>;
  close(): Promise<void>;
}

/** A database that can be backed up, lost, and restored. */
export interface BackedUp<Tx> {
  open(): OpenBooks<Tx>;
  backUp(): Promise<void>;
  /** Puts the copy in the place of the database, which nobody has open. */
  restore(): Promise<void>;
}

/**
 * A shop with two cashboxes: orders 1 to 10 are paid by the Merchant API, orders 11 to 20 by receipts. Payme lives on while the
 * shop's database is another one.
 */
export async function openSite<Tx>(database: BackedUp<Tx>) {
  // 10:00 in Tashkent.
  let clock = Date.UTC(2026, 0, 14, 5);
  const now = () => clock;
  const mock = createMockPayme({ now, seed: 1 });
  const client = createPaymeClient({
    merchantId: mock.merchantId,
    key: mock.key,
    mode: "live",
    fetch: mock.fetch,
    retries: 0,
  });
  const logger = { info() {}, warn() {}, error() {} };

  async function start() {
    const opened = database.open();
    const { books } = opened;
    const shop = openShop(books, { cashbox: "web", now, logger, testKey: undefined }, 20);
    await shop.ready;
    const change = async (tx: Tx, reference: string | null, fulfilled: number, takenBack: number) => {
      const order = await books.find(tx, Number(reference));
      if (order === undefined) return false;
      const status = takenBack > 0 ? "refunded" : "paid";
      const counts = { fulfilled: order.fulfilled + fulfilled, takenBack: order.takenBack + takenBack };
      await books.save(tx, { ...order, status, ...counts });
      return true;
    };
    const payments = createPayments<Tx>({
      storage: books.storage,
      client,
      cashbox: "terminal",
      now,
      logger,
      onPaid: ({ reference }, tx) => change(tx, reference, 1, 0),
      onRefunded: ({ reference }, tx) => change(tx, reference, 0, 1),
    });
    return { shop, payments, ...opened };
  }

  let running = await start();
  const caller = mock.merchant({
    fetch: (...request) => fetchMerchant(running.shop.merchant)(...request),
    key: KEY,
    repeatAfterMs: [],
  });

  /** Creates a payment of an order and gives its receipt's id. */
  async function wish(order: number): Promise<string> {
    return (await running.payments.create({ amount: AMOUNT, reference: String(order) })).transactionId ?? "";
  }
  /** The payer pays, and the shop learns of it. */
  async function settle(receipt: string): Promise<string> {
    await mock.pay(receipt, { card });
    await running.payments.check(receipt);
    return receipt;
  }
  const account = (order: number) => ({ account: { order_id: String(order) }, amount: AMOUNT });
  async function sell(order: number): Promise<string> {
    const { transaction } = await caller.pay(account(order));
    return transaction?.id ?? "";
  }

  return {
    mock,
    client,
    caller,
    now,
    pass: (ms: number) => {
      clock += ms;
    },
    get payments() {
      return running.payments;
    },
    get shop() {
      return running.shop;
    },
    order: (id: number) => running.books.read(id),
    wish,
    settle,
    sell,
    begin: async (order: number) => (await caller.create(account(order))).id,
    /** What Payme's cabinet exports. */
    exported: (): StatementRow[] =>
      caller.transactions().map(({ id, amount, state }) => ({ id, amount: som(amount / 100), state })),
    backUp: () => database.backUp(),
    /** The disk is lost: the copy takes its place. */
    async loseAndRestore() {
      await running.close();
      await database.restore();
      running = await start();
    },
    close: () => running.close(),
  };
}

export type Site = Awaited<ReturnType<typeof openSite>>;
