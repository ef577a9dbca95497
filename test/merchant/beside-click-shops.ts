import Database from "better-sqlite3";
import {
  createMerchantApi,
  createPayments,
  type MerchantApi,
  memoryStorage,
  refuse,
  type Storage,
  tiyin,
} from "payme-kit";
import { temporaryFolder } from "../storage/kits";
import { openShop } from "./beside-click-recipe";
import { type Answer, answerOf, KEY } from "./shop";

/** The order, as the shop's own page would show it. */
export interface SoldOrder {
  readonly status: string;
  readonly soldBy: string | null;
  /** How often it was given and not taken back. */
  readonly shipments: number;
}

/** A shop with one order, number 1, of 50,000 som. */
export interface ShopBesideClick {
  call(method: string, params: object): Promise<Answer>;
  /** Click's Complete. True: sold to this payment. */
  click(clickId?: string): Promise<boolean>;
  order(): SoldOrder;
  /** The kinds of the open incidents. */
  incidents(): Promise<string[]>;
  close(): Promise<void>;
}

const TOTAL = 5_000_000;

/** The shop of docs/beside-click-and-uzum.md. */
export async function sqliteShop(marks: boolean): Promise<ShopBesideClick> {
  const { file, remove } = temporaryFolder();
  const { storage, merchant, soldBy } = openShop({ file, key: KEY, marks });
  await storage.migrate();
  const database = new Database(file);
  database.exec(`${TABLES} INSERT INTO orders (id, total) VALUES (1, ${TOTAL});`);
  return {
    ...bothOf(merchant, storage),
    click: (clickId = "click-1") => soldBy("click", 1, clickId),
    order() {
      const select = "SELECT status, sold_by AS soldBy, (SELECT count(*) FROM shipment) AS shipments FROM orders";
      const order = database.prepare<[], SoldOrder>(select).get();
      if (order === undefined) throw new Error("the order is gone");
      return order;
    },
    async close() {
      database.close();
      await storage.close();
      remove();
    },
  };
}

/** The tables, as the page prints them. */
export const TABLES = `CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  total INTEGER NOT NULL,             -- tiyin
  status TEXT NOT NULL DEFAULT 'new', -- new, paid, refunded; and paying, where the shop shows it
  sold_by TEXT,                       -- payme, click, uzum: where the money is, and where it is refunded
  sale_id TEXT                        -- the provider's id of the payment
);
CREATE TABLE shipment (order_id INTEGER NOT NULL);
`;

interface Row {
  status: string;
  soldBy: string | null;
  saleId: string | null;
  shipments: number;
}

/** The guards of a shop: without them, a write is made whatever the row says. */
export interface Guards {
  readonly isGuarded: boolean;
}

/** The same shop, with its orders in memory. */
export async function memoryShop(
  marks: boolean,
  { isGuarded }: Guards = { isGuarded: true },
): Promise<ShopBesideClick> {
  const storage = memoryStorage();
  type Tx = ReturnType<typeof storage.published>;
  const rows = (tx: Tx) => tx.table<Row>("orders");
  const change = (tx: Tx, isRight: (row: Row) => boolean, to: (row: Row) => Partial<Row>): boolean => {
    const row = rows(tx).get("1");
    if (row === undefined || (isGuarded && !isRight(row))) return false;
    rows(tx).set("1", { ...row, ...to(row) });
    return true;
  };
  const isOpen = ({ status }: Row) => status === "new" || status === "paying";
  const isSale = (row: Row, soldBy: string, saleId: string) =>
    row.status === "paid" && row.soldBy === soldBy && row.saleId === saleId;
  const sell = (tx: Tx, soldBy: string, saleId: string) =>
    change(tx, isOpen, ({ shipments }) => ({ status: "paid", soldBy, saleId, shipments: shipments + 1 }));
  const marking = {
    onReserved: (_: unknown, tx: Tx) => change(tx, isOpen, () => ({ status: "paying" })),
    onReleased: (_: unknown, tx: Tx) => {
      change(
        tx,
        ({ status }) => status === "paying",
        () => ({ status: "new" }),
      );
    },
  };
  await storage.transaction(async (tx) =>
    rows(tx).set("1", { status: "new", soldBy: null, saleId: null, shipments: 0 }),
  );
  const merchant = createMerchantApi({
    storage,
    key: KEY,
    account: { order_id: "integer" },
    find({ order_id }, tx) {
      const row = rows(tx).get(String(order_id));
      if (row === undefined) return refuse.notFound("order_id");
      return isOpen(row) ? { reference: order_id, amount: tiyin(TOTAL) } : refuse.unavailable("order_id");
    },
    onPaid: ({ id }, tx) => sell(tx, "payme", id),
    onRefunded: ({ id }, tx) =>
      change(
        tx,
        (row) => isSale(row, "payme", id),
        ({ shipments }) => ({ status: "refunded", shipments: shipments - 1 }),
      ),
    ...(marks ? marking : {}),
  });
  return {
    ...bothOf(merchant, storage),
    click: (clickId = "click-1") =>
      storage.transaction(async (tx) => {
        const row = rows(tx).get("1");
        return (row !== undefined && isSale(row, "click", clickId)) || sell(tx, "click", clickId);
      }),
    order() {
      const row = rows(storage.published()).get("1");
      if (row === undefined) throw new Error("the order is gone");
      const { status, soldBy, shipments } = row;
      return { status, soldBy, shipments };
    },
    close: async () => {},
  };
}

function bothOf<Tx>(merchant: MerchantApi<Tx>, storage: Storage<Tx>): Pick<ShopBesideClick, "call" | "incidents"> {
  const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;
  return {
    async call(method, params) {
      const body = JSON.stringify({ id: 7, method, params });
      const reply = await merchant.handle({ method: "POST", headers: { authorization }, body });
      if (typeof reply.body !== "string") throw new Error("an answer in pieces");
      return answerOf(reply.body);
    },
    incidents: async () => (await createPayments({ storage }).incidents.list()).map(({ kind }) => kind),
  };
}
