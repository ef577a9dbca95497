/** Payme's 12 hours, said here anew: the model shares nothing with the engine. */
const LIFETIME = 12 * 60 * 60 * 1_000;
export const PRICE = 5_000_000;
/** The shop has orders 1 to this. */
export const ORDERS = 3;

/** What Payme sends. */
export type Call =
  | { method: "CheckPerformTransaction"; params: { amount: number; account: Account } }
  | { method: "CreateTransaction"; params: { id: string; time: number; amount: number; account: Account } }
  | { method: "PerformTransaction" | "CheckTransaction"; params: { id: string } }
  | { method: "CancelTransaction"; params: { id: string; reason: number } }
  | { method: "GetStatement"; params: { from: number; to: number } };

export interface Account {
  order_id: number | string;
  phone?: string;
}

/** A transaction as plain members. */
interface Row {
  id: string;
  order: number;
  time: number;
  amount: number;
  account: Account;
  create_time: number;
  perform_time: number;
  cancel_time: number;
  state: number;
  reason: number | null;
}

interface Order {
  status: "new" | "reserved" | "paid" | "refunded";
  fulfilled: number;
  takenBack: number;
}

/** An answer without our own id of the transaction, which the model does not know. */
export type Expected = { result: object } | { code: number };

/** The shop and the rules, as plainly as they can be said: one call after the other, no storage. */
export class MerchantModel {
  now = Date.UTC(2026, 0, 15, 10, 30);
  readonly rows: Row[] = [];
  readonly orders: Order[] = Array.from({ length: ORDERS }, () => ({ status: "new", fulfilled: 0, takenBack: 0 }));

  row(id: string): Row | undefined {
    return this.rows.find((row) => row.id === id);
  }

  /** What must be answered. `hooksFail`: a hook that this call runs throws, and all is as it was. */
  answer(call: Call, hooksFail: boolean): Expected {
    const before = structuredClone({ rows: this.rows, orders: this.orders });
    const answered = this.#carryOut(call);
    const isRefused = "code" in answered && !answered.keeps;
    const isFailed = hooksFail && answered.ranHook;
    if (isRefused || isFailed || call.method === "CheckPerformTransaction") {
      this.rows.splice(0, this.rows.length, ...before.rows);
      this.orders.splice(0, this.orders.length, ...before.orders);
    }
    if (isFailed) return { code: -32400 };
    return "code" in answered ? { code: answered.code } : { result: answered.result };
  }

  /** Expires what is over, as far as hooks work. */
  sweep(hooksFail: boolean): { expired: number; failed: number } {
    const over = this.rows.filter((row) => this.#isExpired(row));
    if (hooksFail) return { expired: 0, failed: over.length };
    for (const row of over) this.#expire(row);
    return { expired: over.length, failed: 0 };
  }

  statement(from: number, to: number): object[] {
    return this.rows
      .filter(({ time }) => time >= from && time <= to)
      .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))
      .map(({ order: _, ...row }) => ({ ...row, receivers: null }));
  }

  #carryOut(call: Call): Answered {
    switch (call.method) {
      case "CheckPerformTransaction": {
        const refused = this.#mayPay(call.params);
        return "code" in refused ? refused : { result: { allow: true }, ranHook: false };
      }
      case "CreateTransaction":
        return this.#create(call.params);
      case "PerformTransaction":
        return this.#perform(call.params.id);
      case "CancelTransaction":
        return this.#cancel(call.params);
      case "CheckTransaction": {
        const row = this.row(call.params.id);
        if (row === undefined) return no(-31003);
        const { create_time, perform_time, cancel_time, state, reason } = row;
        return { result: { create_time, perform_time, cancel_time, state, reason }, ranHook: false };
      }
      case "GetStatement": {
        const { from, to } = call.params;
        if (from > to) return no(-32600);
        return { result: { transactions: this.statement(from, to) }, ranHook: false };
      }
    }
  }

  #create({ id, time, amount, account }: Extract<Call, { method: "CreateTransaction" }>["params"]): Answered {
    const known = this.row(id);
    const order = Number(account.order_id);
    if (known !== undefined) {
      if (this.#isExpired(known)) return this.#refuseExpired(known);
      const isSame = known.amount === amount && known.order === order;
      if (known.state !== 1 || !isSame) return no(-31008);
      return { result: { create_time: known.create_time, state: 1 }, ranHook: false };
    }
    if (this.now - time > LIFETIME) return no(-31008);
    const refused = this.#mayPay({ amount, account });
    if ("code" in refused) return refused;
    if (refused.expiredHolder !== undefined) this.#expire(refused.expiredHolder);
    const times = { create_time: this.now, perform_time: 0, cancel_time: 0 };
    this.rows.push({ id, order, time, amount, account, ...times, state: 1, reason: null });
    Object.assign(this.#order(order), { status: "reserved" });
    return { result: { create_time: this.now, state: 1 }, ranHook: true };
  }

  /** Account, amount, free: an expired holder keeps nobody out, and goes when a Create takes the order. */
  #mayPay({ amount, account }: { amount: number; account: Account }): { expiredHolder: Row | undefined } | Refused {
    const number = Number(account.order_id);
    const order = this.orders[number - 1];
    if (order === undefined) return no(-31050);
    if (order.status === "paid" || order.status === "refunded") return no(-31051);
    if (amount !== PRICE) return no(-31001);
    const holder = this.rows.find((row) => row.order === number && (row.state === 1 || row.state === 2));
    if (holder !== undefined && !this.#isExpired(holder)) return no(-31099);
    return { expiredHolder: holder };
  }

  #perform(id: string): Answered {
    const row = this.row(id);
    if (row === undefined) return no(-31003);
    const reply = () => ({ perform_time: row.perform_time, state: 2 });
    if (row.state === 2) return { result: reply(), ranHook: false };
    if (this.#isExpired(row)) return this.#refuseExpired(row);
    if (row.state !== 1) return no(-31008);
    Object.assign(row, { state: 2, perform_time: Math.max(this.now, row.create_time) });
    const order = this.#order(row.order);
    Object.assign(order, { status: "paid", fulfilled: order.fulfilled + 1 });
    return { result: reply(), ranHook: true };
  }

  #cancel({ id, reason }: { id: string; reason: number }): Answered {
    const row = this.row(id);
    if (row === undefined) return no(-31003);
    const wasOver = row.state < 0;
    if (!wasOver) {
      const order = this.#order(row.order);
      const isRefund = row.state === 2;
      const cancel_time = Math.max(this.now, row.perform_time, row.create_time);
      Object.assign(row, { state: isRefund ? -2 : -1, cancel_time, reason });
      Object.assign(order, isRefund ? { status: "refunded", takenBack: order.takenBack + 1 } : { status: "new" });
    }
    return { result: { cancel_time: row.cancel_time, state: row.state }, ranHook: !wasOver };
  }

  #isExpired(row: Row): boolean {
    return row.state === 1 && this.now - row.time > LIFETIME;
  }

  #expire(row: Row): void {
    Object.assign(row, { state: -1, reason: 4, cancel_time: Math.max(this.now, row.create_time) });
    Object.assign(this.#order(row.order), { status: "new" });
  }

  /** The refusal that leaves something behind. */
  #refuseExpired(row: Row): Answered {
    this.#expire(row);
    return { code: -31008, ranHook: true, keeps: true };
  }

  #order(number: number): Order {
    const order = this.orders[number - 1];
    if (order === undefined) throw new Error(`the model has no order ${number}`);
    return order;
  }
}

interface Refused {
  code: number;
  ranHook: boolean;
  keeps: boolean;
}
type Answered = { result: object; ranHook: boolean } | Refused;

function no(code: number): Refused {
  return { code, ranHook: false, keeps: false };
}
