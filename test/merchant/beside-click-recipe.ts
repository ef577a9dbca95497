import { createMerchantApi, refuse, tiyin } from "payme-kit";
import { type SqliteHandle, sqliteStorage } from "payme-kit/sqlite";

interface Order {
  readonly id: number;
  readonly total: number; // tiyin
  readonly status: "new" | "paying" | "paid" | "refunded";
}
type Provider = "payme" | "click" | "uzum";

/** The only statement that sells. Of any number of providers at once, one gets true. */
function sell(tx: SqliteHandle, orderId: number, by: Provider, saleId: string): boolean {
  const sold = tx
    .prepare("UPDATE orders SET status = 'paid', sold_by = ?, sale_id = ? WHERE id = ? AND status IN ('new', 'paying')")
    .run(by, saleId, orderId);
  if (sold.changes !== 1) return false;
  tx.prepare("INSERT INTO shipment (order_id) VALUES (?)").run(orderId); // what the payer gets: in the same commit
  return true;
}

/** Takes back what this sale gave, and never what another provider sold. */
function takeBack(tx: SqliteHandle, orderId: number, by: Provider, saleId: string): boolean {
  const taken = tx
    .prepare("UPDATE orders SET status = 'refunded' WHERE id = ? AND status = 'paid' AND sold_by = ? AND sale_id = ?")
    .run(orderId, by, saleId);
  if (taken.changes !== 1) return false;
  tx.prepare("DELETE FROM shipment WHERE order_id = ?").run(orderId);
  return true;
}

/** Only for a shop that shows "being paid". They mark the order; they hold nothing. */
const marking = {
  onReserved: ({ reference }: { reference: number }, tx: SqliteHandle) =>
    tx.prepare("UPDATE orders SET status = 'paying' WHERE id = ? AND status IN ('new', 'paying')").run(reference)
      .changes === 1,
  onReleased: ({ reference }: { reference: number }, tx: SqliteHandle) => {
    tx.prepare("UPDATE orders SET status = 'new' WHERE id = ? AND status = 'paying'").run(reference);
  },
};

export function openShop({ file, key, marks = false }: { file: string; key: string; marks?: boolean }) {
  const storage = sqliteStorage({ file });

  const merchant = createMerchantApi({
    storage,
    key,
    account: { order_id: "integer" },
    find({ order_id }, tx) {
      const order = tx.prepare<Order>("SELECT id, total, status FROM orders WHERE id = ?").get(order_id);
      if (order === undefined) return refuse.notFound("order_id");
      const isOpen = order.status === "new" || order.status === "paying"; // who is paying, the endpoint knows
      return isOpen ? { reference: order.id, amount: tiyin(order.total) } : refuse.unavailable("order_id");
    },
    onPaid: ({ reference, id }, tx) => sell(tx, reference, "payme", id),
    onRefunded: ({ reference, id }, tx) => takeBack(tx, reference, "payme", id),
    ...(marks ? marking : {}),
  });

  return {
    storage,
    merchant,
    /** Click's Complete, Uzum's confirm: after their signature and their amount were checked. True: sold to this payment. */
    soldBy: (by: "click" | "uzum", orderId: number, saleId: string) =>
      storage.transaction(async (tx) => {
        const sale = "SELECT 1 FROM orders WHERE id = ? AND status = 'paid' AND sold_by = ? AND sale_id = ?";
        return sell(tx, orderId, by, saleId) || tx.prepare(sale).get(orderId, by, saleId) !== undefined; // a repeat
      }),
    /** Click or Uzum gave the money back. */
    refundedBy: (by: "click" | "uzum", orderId: number, saleId: string) =>
      storage.transaction(async (tx) => takeBack(tx, orderId, by, saleId)),
  };
}
