// A Merchant API endpoint as many shops write it: one switch, one list. Each class below it has one habit that was seen in
// public integrations. It shares nothing with payme-kit, nor with the reference endpoint.
import { tiyin } from "../../../src/kit/money";

export const KEY = "a-shop's-key%with&signs?0123456789!@";
const PRICE = 3_500_000;
const TWELVE_HOURS_MS = 43_200_000;

interface Transaction {
  readonly id: string;
  readonly time: number;
  readonly amount: number;
  readonly account: Account;
  readonly createTime: number;
  performTime: number;
  cancelTime: number;
  state: number;
  reason: number | null;
}

type Account = Readonly<Record<string, unknown>>;

interface Params {
  readonly id: string;
  readonly time: number;
  readonly amount: number;
  readonly account: Account;
  readonly reason: number;
  readonly from: number;
  readonly to: number;
}

/** An error of the protocol. */
class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly data?: string,
  ) {
    super(`refused with ${code}`);
  }
}

/** The endpoint of a shop with orders, right as it stands. */
export class PlainEndpoint {
  protected readonly transactions: Transaction[] = [];
  private readonly fulfilled: string[] = [];
  private lastOrder = 0;

  constructor(protected readonly now: () => number) {}

  /** The fields of an account. */
  protected readonly fields: readonly string[] = ["order_id"];
  protected readonly isPaidOnce: boolean = true;

  protected isAuthorised(login: string, key: string): boolean {
    return login === "Paycom" && key === KEY;
  }

  protected isExpired({ state, time }: Transaction): boolean {
    return state === 1 && this.now() - time > TWELVE_HOURS_MS;
  }

  /** The field of an account that is wrong; undefined for an account of the shop. */
  protected wrongFieldOf(account: Account): string | undefined {
    if (!this.hasOrder(account.order_id)) return "order_id";
    return this.fields.find((field) => field !== "order_id" && account[field] !== "main");
  }

  protected hasOrder(id: unknown): boolean {
    return typeof id === "string" && /^[1-9]\d*$/.test(id) && Number(id) <= this.lastOrder;
  }

  protected isPrice(amount: number): boolean {
    return amount === PRICE;
  }

  protected listed({ time }: Transaction, { from, to }: Params): boolean {
    return time >= from && time <= to;
  }

  protected unknownMethod(): Promise<object> {
    throw new Refusal(-32601);
  }

  newOrder = () => {
    if (this.lastOrder === 0 || this.isPaidOnce) this.lastOrder += 1;
    const others = this.fields.slice(1).map((field) => [field, "main"]);
    return { account: { order_id: String(this.lastOrder), ...Object.fromEntries(others) }, amount: tiyin(PRICE) };
  };

  credited = ({ account }: { account: Account }) => this.fulfilled.filter((id) => id === account.order_id).length;

  fetch = async (request: Request): Promise<Response> => {
    const credentials = Buffer.from(request.headers.get("authorization")?.slice(6) ?? "", "base64").toString();
    const colon = credentials.indexOf(":");
    let id: unknown = null;
    try {
      if (request.method !== "POST") throw new Refusal(-32300);
      const text = await request.text();
      id = /"id":(\d+)/.exec(text)?.[1];
      id = id === undefined ? null : Number(id);
      if (!this.isAuthorised(credentials.slice(0, colon), credentials.slice(colon + 1))) throw new Refusal(-32504);
      const { method, params } = parsed(text);
      return Response.json({ id, result: await this.handle(method, params) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const message = { ru: error.message, uz: error.message, en: error.message };
      return Response.json({ id, error: { code: error.code, message, data: error.data } });
    }
  };

  private handle(method: string, params: Params): object | Promise<object> {
    switch (method) {
      case "CheckPerformTransaction":
        this.expectPayable(params);
        return { allow: true };
      case "CreateTransaction":
        return this.create(params);
      case "PerformTransaction":
        return this.perform(this.known(params.id));
      case "CancelTransaction":
        return this.cancel(this.known(params.id), params.reason);
      case "CheckTransaction":
        if (typeof params.id !== "string") throw new Refusal(-32600);
        return stateOf(this.known(params.id));
      case "GetStatement": {
        const listed = this.transactions.filter((each) => this.listed(each, params)).sort((a, b) => a.time - b.time);
        return {
          transactions: listed.map((each) => {
            const { id, time, amount, account } = each;
            return { id, time, amount, account, ...stateOf(each) };
          }),
        };
      }
      default:
        return this.unknownMethod();
    }
  }

  private expectPayable({ account, amount }: Params): void {
    const wrong = this.wrongFieldOf(account);
    if (wrong !== undefined) throw new Refusal(-31050, wrong);
    if (!this.isPrice(amount)) throw new Refusal(-31001);
    if (!this.isPaidOnce) return;
    for (const other of this.transactions) {
      if (other.account.order_id !== account.order_id || other.state < 0) continue;
      if (!this.isExpired(other)) throw new Refusal(-31099, "order_id");
      this.expire(other);
    }
  }

  private create(params: Params): object {
    const { id, time, amount, account } = params;
    const known = this.transactions.find((each) => each.id === id);
    if (known !== undefined) {
      if (this.isExpired(known)) this.expire(known);
      if (known.state !== 1 || known.amount !== amount) throw new Refusal(-31008);
      return createdAs(known);
    }
    this.expectPayable(params);
    const nothing = { performTime: 0, cancelTime: 0, state: 1, reason: null };
    const transaction: Transaction = { id, time, amount, account, createTime: this.now(), ...nothing };
    if (this.isExpired(transaction)) throw new Refusal(-31008);
    this.transactions.push(transaction);
    return createdAs(transaction);
  }

  private perform(transaction: Transaction): object {
    if (this.isExpired(transaction)) this.expire(transaction);
    if (transaction.state < 0) throw new Refusal(-31008);
    if (transaction.state === 1) {
      Object.assign(transaction, { state: 2, performTime: this.now() });
      this.fulfilled.push(String(transaction.account.order_id));
    }
    return { transaction: `t${transaction.id}`, perform_time: transaction.performTime, state: 2 };
  }

  private cancel(transaction: Transaction, reason: number): object {
    if (transaction.state > 0) {
      Object.assign(transaction, { state: transaction.state === 1 ? -1 : -2, cancelTime: this.now(), reason });
    }
    return { transaction: `t${transaction.id}`, cancel_time: transaction.cancelTime, state: transaction.state };
  }

  private expire(transaction: Transaction): void {
    Object.assign(transaction, { state: -1, cancelTime: this.now(), reason: 4 });
  }

  private known(id: string): Transaction {
    const known = this.transactions.find((each) => each.id === id);
    if (known === undefined) throw new Refusal(-31003);
    return known;
  }
}

/** Payme's own modules for two shops compare the key only. */
export class KeyOnly extends PlainEndpoint {
  protected override isAuthorised(_login: string, key: string): boolean {
    return key === KEY;
  }
}

/** A `switch` without a default branch answers nothing. */
export class NoDefaultBranch extends PlainEndpoint {
  protected override unknownMethod(): Promise<object> {
    return new Promise(() => {});
  }
}

/** The 12 hours are taken for 12 minutes. */
export class TwelveMinutes extends PlainEndpoint {
  protected override isExpired({ state, time }: Transaction): boolean {
    return state === 1 && this.now() - time > 12 * 60_000;
  }
}

/** The shop's own create_time is the transaction's time: in the 12 hours and in the statement. */
export class OwnClock extends PlainEndpoint {
  protected override isExpired({ state, createTime }: Transaction): boolean {
    return state === 1 && this.now() - createTime > TWELVE_HOURS_MS;
  }

  protected override listed({ createTime }: Transaction, { from, to }: Params): boolean {
    return createTime >= from && createTime <= to;
  }
}

/** The cabinet asks for two fields, and the shop reads one. */
export class SecondFieldIgnored extends PlainEndpoint {
  protected override readonly fields = ["order_id", "branch"];

  protected override wrongFieldOf({ order_id }: Account): string | undefined {
    return this.hasOrder(order_id) ? undefined : "order_id";
  }
}

/** A subscription at a fixed price, to which any amount is credited. */
export class FixedPriceUnchecked extends PlainEndpoint {
  protected override readonly isPaidOnce = false;

  protected override isPrice(amount: number): boolean {
    return amount > 0;
  }
}

function createdAs({ id, createTime }: Transaction): object {
  return { create_time: createTime, transaction: `t${id}`, state: 1 };
}

function stateOf({ id, createTime, performTime, cancelTime, state, reason }: Transaction): object {
  const times = { create_time: createTime, perform_time: performTime, cancel_time: cancelTime };
  return { ...times, transaction: `t${id}`, state, reason };
}

function parsed(text: string): { method: string; params: Params } {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(-32700);
  }
}
