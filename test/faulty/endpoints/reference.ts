// A small Merchant API endpoint by another hand: nothing of payme-kit is in it. It is right as it stands; each mistake beside it
// replaces one of its rules.

export const KEY = "k3y-of-another-shop:with#signs-0123456";
export const AMOUNT = 5_000_000;

const HOUR_MS = 3_600_000;

export interface Row {
  id: string;
  time: number;
  amount: number;
  account: { order_id: string };
  transaction: string;
  create_time: number;
  perform_time: number;
  cancel_time: number;
  state: 1 | 2 | -1 | -2;
  reason: number | null;
}

export interface Order {
  amount: number;
  fulfilled: number;
}

type Period = { from: number; to: number };

/** What a merchant may get wrong, each as it should be. */
export const RIGHT = {
  authorises: (credentials: string): boolean => credentials === `Paycom:${KEY}`,
  authorisesRequest: (_request: Request) => false,
  reads: (_contentType: string) => true,
  httpStatus: (_code: number | undefined) => 200,
  answersGet: true,
  idOf: (request: { id: unknown; params: { id?: string } }): unknown => request.id,
  message: (text: string): unknown => ({ ru: text, uz: text, en: text }),
  data: "order_id" as string | undefined,
  parseErrorCode: -32700,
  ownTime: (now: number) => now,
  unknownOrderCode: -31050,
  isRightAmount: (amount: number, order: Order) => amount === order.amount,
  amountFirst: false,
  createdAgain: (row: Row, _now: number) => row,
  looksForIdFirst: true,
  holdsOrder: (row: Row) => row.state === 1 || row.state === 2,
  checksBusy: true,
  busyCode: -31099,
  lifetimeMs: 12 * HOUR_MS,
  timeoutReason: 4 as number | null,
  refusesOldCreate: false,
  mayPerform: (row: Row) => row.state === 1,
  readsThenWrites: false,
  performedAgain: (row: Row, _now: number) => row,
  unknownTransactionCode: -31003,
  refundState: -2 as Row["state"],
  refusesRefund: false,
  cancelledAgain: (row: Row, _reason: number, _now: number) => row,
  refundedPerformTime: (row: Row) => row.perform_time,
  checked: (row: Row): Partial<Row> => row,
  isListed: (row: Row, { from, to }: Period) => row.time >= from && row.time <= to,
  order: (a: Row, b: Row) => a.time - b.time,
  line: (row: Row): object => row,
};

export type Rules = typeof RIGHT;

class Refused extends Error {
  constructor(
    readonly code: number,
    text: string,
    readonly data?: string | undefined,
  ) {
    super(text);
  }
}

interface Params {
  id: string;
  time: number;
  amount: number;
  account?: { order_id?: unknown };
  reason: number;
  from: number;
  to: number;
}

/** An endpoint with a thousand orders, `1` to `1000`. */
export function createEndpoint(mistake: Partial<Rules> = {}) {
  const rules: Rules = { ...RIGHT, ...mistake };
  const orders = new Map<string, Order>();
  const rows = new Map<string, Row>();
  let lastTransaction = 88_000;
  let lastOrder = 0;
  for (let n = 1; n <= 1000; n += 1) orders.set(String(n), { amount: AMOUNT, fulfilled: 0 });

  const isOver = (row: Row) => row.state === 1 && Date.now() - row.time > rules.lifetimeMs;

  function end(row: Row): void {
    row.state = -1;
    row.reason = rules.timeoutReason;
    row.cancel_time = rules.ownTime(Date.now());
  }

  function payable({ account, amount }: Params): { key: string; order: Order } {
    const key = account?.order_id;
    const order = typeof key === "string" ? orders.get(key) : undefined;
    if (rules.amountFirst && amount !== AMOUNT) throw new Refused(-31001, "Wrong amount");
    if (typeof key !== "string" || order === undefined) {
      throw new Refused(rules.unknownOrderCode, "No such order", rules.data);
    }
    if (!rules.isRightAmount(amount, order)) throw new Refused(-31001, "Wrong amount");
    return { key, order };
  }

  function expectFree(key: string): void {
    const holder = [...rows.values()].find((row) => row.account.order_id === key && rules.holdsOrder(row));
    if (holder === undefined) return;
    if (!isOver(holder)) throw new Refused(rules.busyCode, "The order is taken", rules.data);
    end(holder);
  }

  function known(id: string): Row {
    const row = rows.get(id);
    if (row === undefined) throw new Refused(rules.unknownTransactionCode, "No such transaction", rules.data);
    return row;
  }

  const methods: Record<string, (params: Params) => object | Promise<object>> = {
    CheckPerformTransaction(params) {
      const { key } = payable(params);
      if (rules.checksBusy) expectFree(key);
      return { allow: true };
    },
    CreateTransaction(params) {
      const { id, time, amount } = params;
      const before = rows.get(id);
      if (before !== undefined && (rules.looksForIdFirst || before.state !== 1)) {
        if (isOver(before)) end(before);
        if (before.state !== 1 || before.amount !== amount) throw new Refused(-31008, "Not possible");
        return created(rules.createdAgain(before, rules.ownTime(Date.now())));
      }
      const { key } = payable(params);
      if (rules.refusesOldCreate && Date.now() - time > rules.lifetimeMs) throw new Refused(-31008, "Too old");
      expectFree(key);
      const received = { id, time, amount, account: { order_id: key } };
      const row = {
        ...received,
        transaction: String(++lastTransaction),
        create_time: rules.ownTime(Date.now()),
        ...NOT_YET,
      };
      rows.set(id, row);
      return created(row);
    },
    async PerformTransaction({ id }) {
      const row = known(id);
      if (isOver(row)) {
        end(row);
        throw new Refused(-31008, "Too late");
      }
      if (row.state === 2) {
        const { transaction, perform_time, state } = rules.performedAgain(row, rules.ownTime(Date.now()));
        return { transaction, perform_time, state };
      }
      if (!rules.mayPerform(row)) throw new Refused(-31008, "Not possible");
      if (rules.readsThenWrites) await new Promise((resolve) => setTimeout(resolve, 10));
      row.state = 2;
      row.perform_time = rules.ownTime(Date.now());
      fulfil(row);
      return { transaction: row.transaction, perform_time: row.perform_time, state: row.state };
    },
    CancelTransaction({ id, reason }) {
      const row = known(id);
      if (row.state < 0) return cancelled(rules.cancelledAgain(row, reason, rules.ownTime(Date.now())));
      if (row.state === 2 && rules.refusesRefund) throw new Refused(-31007, "The goods are delivered");
      const wasPaid = row.state === 2;
      row.state = wasPaid ? rules.refundState : -1;
      row.cancel_time = rules.ownTime(Date.now());
      row.reason = reason;
      if (wasPaid) row.perform_time = rules.refundedPerformTime(row);
      return cancelled(row);
    },
    CheckTransaction({ id }) {
      if (typeof id !== "string") throw new Refused(-32600, "No id");
      const { create_time, perform_time, cancel_time, transaction, state, reason } = known(id);
      const all = { create_time, perform_time, cancel_time, transaction, state, reason };
      return { ...all, ...pick(rules.checked(known(id)), Object.keys(all)) };
    },
    GetStatement(period) {
      const listed = [...rows.values()].filter((row) => rules.isListed(row, period));
      return { transactions: listed.sort(rules.order).map(rules.line) };
    },
  };

  function fulfil(row: Row): void {
    const order = orders.get(row.account.order_id);
    if (order !== undefined) order.fulfilled += 1;
  }

  async function answer(request: Request): Promise<{ id: unknown; result?: object; error?: object; code?: number }> {
    const refused = (id: unknown, code: number, text: string, data?: string | undefined) => {
      return { id, code, error: { code, message: rules.message(text), ...(data === undefined ? {} : { data }) } };
    };
    if (request.method !== "POST") return refused(null, -32300, "POST only");
    const text = await request.text();
    const call = rules.reads(request.headers.get("content-type") ?? "") ? parse(text) : undefined;
    const id = call === undefined ? null : rules.idOf(call);
    const [, encoded = ""] = /^Basic (\S+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
    const isKnown = rules.authorises(Buffer.from(encoded, "base64").toString()) || rules.authorisesRequest(request);
    if (!isKnown) return refused(id, -32504, "Insufficient privileges");
    if (call === undefined) return refused(null, rules.parseErrorCode, "No JSON");
    const method = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
    if (method === undefined) return refused(id, -32601, "No such method", call.method);
    try {
      return { id, result: await method(call.params) };
    } catch (error) {
      if (error instanceof Refused) return refused(id, error.code, error.message, error.data);
      return refused(id, -32400, "System error");
    }
  }

  return {
    async fetch(request: Request): Promise<Response> {
      if (request.method !== "POST" && !rules.answersGet) return new Response("Cannot GET", { status: 404 });
      const { code, ...body } = await answer(request);
      return Response.json(body, { status: rules.httpStatus(code) });
    },
    newOrder: () => ({ account: { order_id: String(++lastOrder) }, amount: AMOUNT }),
    credited: ({ account }: { account: object }) =>
      orders.get(String(Reflect.get(account, "order_id")))?.fulfilled ?? 0,
  };
}

const NOT_YET = { perform_time: 0, cancel_time: 0, state: 1, reason: null } as const;

function created({ create_time, transaction, state }: Row) {
  return { create_time, transaction, state };
}

function cancelled({ cancel_time, transaction, state }: Row) {
  return { cancel_time, transaction, state };
}

function pick(row: Partial<Row>, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}

function parse(text: string): { id: unknown; method: string; params: Params } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
