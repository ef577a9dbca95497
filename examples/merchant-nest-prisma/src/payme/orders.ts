import { Inject, Injectable } from "@nestjs/common";
import { Database, type Order, type Tx } from "./database.js";

const PRICE = 50_000;

/** The shop's orders. A method that takes `tx` is part of another's transaction. */
@Injectable()
export class Orders {
  constructor(@Inject(Database) private readonly database: Database) {}

  create(): Promise<Order> {
    return this.database.order.create({ data: { som: PRICE } });
  }

  all(): Promise<Order[]> {
    return this.database.order.findMany({ orderBy: { id: "asc" } });
  }

  find(id: number, tx: Tx): Promise<Order | null> {
    return tx.order.findUnique({ where: { id } });
  }

  /** The one way to pay an order, for each provider. False: the order is no longer to be paid. */
  async markPaid(tx: Tx, id: number, paidBy: string): Promise<boolean> {
    // updateMany, not update: the status is the guard, and the count is the answer.
    const { count } = await tx.order.updateMany({ where: { id, status: "new" }, data: { status: "paid", paidBy } });
    if (count === 1) await tx.ticket.create({ data: { orderId: id } });
    return count === 1;
  }

  async markRefunded(tx: Tx, id: number): Promise<boolean> {
    const paid = { id, status: "paid", paidBy: "payme" };
    const { count } = await tx.order.updateMany({ where: paid, data: { status: "refunded" } });
    if (count === 1) await tx.ticket.deleteMany({ where: { orderId: id } });
    return count === 1;
  }
}
