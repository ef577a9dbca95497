import type { PostgresHandle } from "payme-kit/postgres";
import { storage } from "./database";

const PRICE = 50_000;
const TABLES = [
  `CREATE TABLE IF NOT EXISTS orders
    (id SERIAL PRIMARY KEY, som INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'new', paid_by TEXT)`,
  "CREATE TABLE IF NOT EXISTS tickets (order_id INTEGER PRIMARY KEY)",
];

export interface Order {
  readonly id: number;
  readonly som: number;
  readonly status: "new" | "paid" | "refunded";
  readonly paid_by: string | null;
}

/** Makes the tables of the books and of the shop. */
export async function migrate(): Promise<void> {
  await storage.migrate();
  await storage.transaction(async (tx) => {
    for (const table of TABLES) await tx.query(table);
  });
}

export function createOrder(): Promise<Order> {
  return storage.transaction(async (tx) => {
    const { rows } = await tx.query<Order>("INSERT INTO orders (som) VALUES ($1) RETURNING *", [PRICE]);
    const [order] = rows;
    if (order === undefined) throw new Error("the order was not stored");
    return order;
  });
}

export function allOrders(): Promise<Order[]> {
  return storage.transaction(async (tx) => (await tx.query<Order>("SELECT * FROM orders ORDER BY id")).rows);
}

export async function findOrder(tx: PostgresHandle, id: number): Promise<Order | undefined> {
  return (await tx.query<Order>("SELECT * FROM orders WHERE id = $1", [id])).rows[0];
}

/** The one way to pay an order, for each provider. False: the order is no longer to be paid. */
export async function markPaid(tx: PostgresHandle, id: number, by: string): Promise<boolean> {
  const pay = "UPDATE orders SET status = 'paid', paid_by = $1 WHERE id = $2 AND status = 'new'";
  const isPaid = (await tx.query(pay, [by, id])).rowCount === 1;
  if (isPaid) await tx.query("INSERT INTO tickets VALUES ($1)", [id]);
  return isPaid;
}

export async function markRefunded(tx: PostgresHandle, id: number): Promise<boolean> {
  const refund = "UPDATE orders SET status = 'refunded' WHERE id = $1 AND status = 'paid' AND paid_by = 'payme'";
  const isRefunded = (await tx.query(refund, [id])).rowCount === 1;
  if (isRefunded) await tx.query("DELETE FROM tickets WHERE order_id = $1", [id]);
  return isRefunded;
}
