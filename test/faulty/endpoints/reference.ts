// A small Merchant API endpoint by another hand: its rules have nothing of payme-kit. It is right as it stands; each mistake
// beside it replaces one of its rules.
import { tiyin } from "../../../src/kit/money";

export const KEY = "k3y-of-another-shop:with#signs-0123456";
export const OTHER_KEY = "an0ther-key:of-that-shop#9876543210-xyz";
export const AMOUNT = 5_000_000;
/** The right value of the second account field, for each order. */
export const SECOND_VALUE = "7";

const HOUR_MS = 3_600_000;

export interface Row {
  id: string;
  time: number;
  amount: number;
  account: { readonly order_id: string };
  transaction: unknown;
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

interface Params {
  id: string;
  time: number;
  amount: number;
  account?: { readonly [field: string]: unknown };
  reason: number;
  type: string;
  from: number;
  to: number;
  password: string;
}

interface Call {
  jsonrpc?: string;
  id: unknown;
  method: string;
  params: Params;
}

type Methods = Record<string, (params: Params) => object | Promise<object>>;

/** What a merchant may get wrong, each as it should be. */
export const RIGHT = {
  // The way in
  authorises: (credentials: string, key: string) => credentials === `Paycom:${key}`,
  letsIn: (_request: Request) => false,
  methodBeforeKey: false,
  wrongKeyAndNoJsonCode: -32504,
  leavesUnknownUnanswered: false,
  keepsOldKey: false,
  parses: (_contentType: string) => true,
  needsJsonrpc: false,
  methodOf: (methods: Methods, name: string) => (Object.hasOwn(methods, name) ? methods[name] : undefined),
  // The way out
  answersGet: true,
  answersPut: true,
  redirects: false,
  showsPages: false,
  httpStatus: (_code: number | undefined) => 200,
  idOf: ({ id }: Call): unknown => id,
  reply: (body: object) => body,
  message: (text: string): unknown => ({ ru: text, uz: text, en: text }),
  data: "order_id" as string | undefined,
  parseErrorCode: -32700,
  idOfNoJson: null as string | null,
  ownTime: (now: number) => now,
  // CheckPerformTransaction
  allows: { allow: true } as object,
  unknownOrderCode: -31050,
  missingFieldCode: -31050,
  tooLargeCode: -31050,
  /** The second field of an account, if it has one, and whether its value is right. */
  second: undefined as { readonly name: string; readonly isRight: (value: unknown) => boolean } | undefined,
  orderOf: (orders: Map<string, Order>, key: string) => orders.get(key),
  isRightAmount: (amount: number, order: Order) => amount === order.amount,
  amountFirst: false,
  busyBeforeAmount: false,
  checksBusy: (_holder: Row) => true,
  // CreateTransaction
  transactionOf: (n: number): unknown => String(n),
  created: ({ create_time, transaction, state }: Row): object => ({ create_time, transaction, state }),
  createdAgain: (row: Row, _now: number) => row,
  createsAgain: (row: Row, amount: number) => row.state === 1 && row.amount === amount,
  looksForIdFirst: true,
  holdsOrder: (row: Row) => row.state === 1 || row.state === 2,
  isHeldBy: ({ account }: Row, asked: Params["account"]) => account.order_id === asked?.order_id,
  busyCode: -31099,
  readsThenCreates: false,
  losesWinner: false,
  fulfilsAtCreate: false,
  takesOldOnes: false,
  tooOldCode: -31008,
  endsWhenCreatedAgain: true,
  createTimeOf: (_time: number, now: number) => now,
  // PerformTransaction
  mayPerform: (row: Row) => row.state === 1,
  performed: ({ transaction, perform_time, state }: Row): object => ({ transaction, perform_time, state }),
  performedAgain: (row: Row, _now: number) => row,
  readsThenPerforms: false,
  fulfilsRefused: (_row: Row) => false,
  unknownTransactionCode: -31003,
  // CancelTransaction
  cancelled: ({ transaction, cancel_time, state }: Row): object => ({ transaction, cancel_time, state }),
  cancelledAgain: (row: Row, _reason: number, _now: number) => row,
  cancelsAgain: true,
  freesWhenCancelledAgain: false,
  readsThenCancels: false,
  readsThenRefunds: false,
  refundState: -2 as Row["state"],
  refusesRefund: false,
  changesBeforeRefusing: false,
  refundedPerformTime: (row: Row) => row.perform_time,
  // 12 hours
  bornAt: ({ time }: Row) => time,
  lifetimeMs: 12 * HOUR_MS,
  timeoutReason: 4 as number | null,
  timeoutTime: (now: number): number | null => now,
  endsWhatIsOver: true,
  freesWhatIsOver: true,
  freesWhenPerformedLate: false,
  // CheckTransaction
  needsId: true,
  reads: (_row: Row, _times: number) => {},
  checked: ({ create_time, perform_time, cancel_time, transaction, state, reason }: Row): object => {
    return { create_time, perform_time, cancel_time, transaction, state, reason };
  },
  // GetStatement
  isListed: (row: Row, { from, to }: { from: number; to: number }) => row.time >= from && row.time <= to,
  order: (a: Row, b: Row) => a.time - b.time,
  line: (row: Row): object => row,
  list: (lines: object[]): object[] => lines,
  emptyIsAnError: false,
  hasStatement: true,
  // SetFiscalData
  hasFiscalData: true,
  fiscalAnswer: (_type: string): object => ({ success: true }),
  unknownReceiptCode: -32001 as number | undefined,
  hasChangePassword: true,
};

export type Rules = typeof RIGHT;

/** `allow: true` with a fiscal detail of one item. */
export function allowsAt(price: number, more: object = {}): object {
  const item = { title: "Tea", price, count: 1, code: "01234567890123456", package_code: "1", vat_percent: 12 };
  return { allow: true, detail: { receipt_type: 0, items: [{ ...item, ...more }] } };
}

class Refused extends Error {
  constructor(
    readonly code: number,
    text: string,
    readonly data?: string | undefined,
  ) {
    super(text);
  }
}

/** Something nobody thought of. */
class Crash extends Error {}

/** An endpoint with a thousand orders, `1` to `1000`. */
export function createEndpoint(mistake: Partial<Rules> = {}, clock: () => number = Date.now) {
  const rules: Rules = { ...RIGHT, ...mistake };
  const orders = new Map<string, Order>();
  const rows = new Map<string, Row>();
  const reads = new Map<string, number>();
  const refusedOrders = new Set<string>();
  /** The transactions that no longer hold their order. */
  const freed = new Set<Row>();
  let keys = [KEY];
  let lastTransaction = 88_000;
  let lastOrder = 0;
  for (let n = 1; n <= 1000; n += 1) orders.set(String(n), { amount: AMOUNT, fulfilled: 0 });

  const now = () => rules.ownTime(clock());
  const isOver = (row: Row) => row.state === 1 && clock() - rules.bornAt(row) > rules.lifetimeMs;

  // Between reading and writing, whoever has called gets as far, too, or to his end. No time is measured: a machine may stall.
  let busy = 0;
  const waiting: (() => void)[] = [];
  const rest = () => {
    busy -= 1;
    if (busy > 0) return;
    busy = waiting.length;
    for (const goOn of waiting.splice(0)) goOn();
  };
  const gap = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      rest();
    });

  function end(row: Row): void {
    if (!rules.endsWhatIsOver) return;
    Object.assign(row, { state: -1, reason: rules.timeoutReason, cancel_time: rules.timeoutTime(now()) });
  }

  function payable(params: Params): string {
    const { account, amount } = params;
    const key = account?.order_id;
    if (key === undefined && rules.missingFieldCode !== -31050) throw new Refused(rules.missingFieldCode, "No field");
    if (Number(key) > 2_147_483_647 && rules.tooLargeCode !== -31050)
      throw new Refused(rules.tooLargeCode, "Too large");
    const order = typeof key === "string" ? rules.orderOf(orders, key) : undefined;
    if (rules.amountFirst && amount !== AMOUNT) throw new Refused(-31001, "Wrong amount");
    if (typeof key !== "string" || order === undefined) {
      throw new Refused(rules.unknownOrderCode, "No such order", rules.data);
    }
    const { second } = rules;
    if (second !== undefined && !second.isRight(account?.[second.name])) {
      throw new Refused(-31050, "No such order", second.name);
    }
    if (rules.busyBeforeAmount) expectFree(key, params);
    if (!rules.isRightAmount(amount, order)) throw new Refused(-31001, "Wrong amount");
    return key;
  }

  function expectFree(key: string, { account }: Params, counts: (holder: Row) => boolean = () => true): void {
    const holder = [...rows.values()].find(
      (row) => rules.isHeldBy(row, account) && rules.holdsOrder(row) && !freed.has(row),
    );
    if (holder === undefined || !counts(holder)) return;
    if (!isOver(holder) || !rules.freesWhatIsOver) {
      refusedOrders.add(key);
      throw new Refused(rules.busyCode, "The order is taken", rules.data);
    }
    end(holder);
  }

  function fulfil(row: Row): void {
    const order = rules.orderOf(orders, row.account.order_id);
    if (order !== undefined) order.fulfilled += 1;
  }

  function free({ account }: Row): void {
    for (const row of rows.values()) if (row.account.order_id === account.order_id) freed.add(row);
  }

  function known(id: string): Row {
    const row = rows.get(id);
    if (row === undefined) throw new Refused(rules.unknownTransactionCode, "No such transaction", rules.data);
    return row;
  }

  const methods: Methods = {
    CheckPerformTransaction(params) {
      const key = payable(params);
      expectFree(key, params, rules.checksBusy);
      return rules.allows;
    },
    async CreateTransaction(params) {
      const { id, time, amount } = params;
      const before = rows.get(id);
      if (before !== undefined && (rules.looksForIdFirst || before.state !== 1)) {
        if (isOver(before) && rules.endsWhenCreatedAgain) end(before);
        if (!rules.createsAgain(before, amount)) throw new Refused(-31008, "Not possible");
        return rules.created(rules.createdAgain(before, now()));
      }
      const key = payable(params);
      if (!rules.takesOldOnes && clock() - time > rules.lifetimeMs) throw new Refused(rules.tooOldCode, "Too old");
      expectFree(key, params);
      if (rules.readsThenCreates) await gap();
      const transaction = rules.transactionOf(++lastTransaction);
      const row: Row = {
        id,
        time,
        amount,
        account: { ...params.account, order_id: key },
        transaction,
        create_time: rules.createTimeOf(time, now()),
        ...NOT_YET,
      };
      rows.set(id, row);
      if (rules.fulfilsAtCreate) fulfil(row);
      refusedOrders.delete(key);
      if (rules.losesWinner) await gap();
      if (rules.losesWinner && refusedOrders.has(key)) rows.delete(id);
      return rules.created(row);
    },
    async PerformTransaction({ id }) {
      const row = known(id);
      const isTooLate = isOver(row);
      if (isTooLate) end(row);
      if (row.state < 0 && rules.fulfilsRefused(row)) fulfil(row);
      if (row.reason === 4 && rules.freesWhenPerformedLate) free(row);
      if (isTooLate) throw new Refused(-31008, "Too late");
      if (row.state === 2) return rules.performed(rules.performedAgain(row, now()));
      if (!rules.mayPerform(row)) throw new Refused(-31008, "Not possible");
      if (rules.readsThenPerforms) await gap();
      if (!rules.fulfilsAtCreate) fulfil(row);
      // Later than the time that another call has written meanwhile: on a slow machine all wake in one millisecond.
      Object.assign(row, { state: 2, perform_time: Math.max(now(), row.perform_time + 1) });
      return rules.performed(row);
    },
    async CancelTransaction({ id, reason }) {
      const row = known(id);
      if (row.state < 0 && !rules.cancelsAgain) throw new Refused(-31008, "Not possible");
      if (row.state < 0 && rules.freesWhenCancelledAgain) free(row);
      if (row.state < 0) return rules.cancelled(rules.cancelledAgain(row, reason, now()));
      const cancelled = { ...row, cancel_time: now(), reason };
      if (row.state === 2) {
        if (rules.refusesRefund && !rules.changesBeforeRefusing) throw new Refused(-31007, "Delivered");
        Object.assign(cancelled, { state: rules.refundState, perform_time: rules.refundedPerformTime(row) });
      } else cancelled.state = -1;
      const isSlow = row.state === 2 ? rules.readsThenRefunds : rules.readsThenCancels;
      if (isSlow) await gap();
      // As with perform_time: on a slow machine all wake in one millisecond.
      if (isSlow) cancelled.cancel_time = Math.max(now(), row.cancel_time + 1);
      Object.assign(row, cancelled);
      if (rules.refusesRefund && row.state === -2) throw new Refused(-31007, "Delivered");
      return rules.cancelled(row);
    },
    CheckTransaction({ id }) {
      if (typeof id !== "string" && rules.needsId) throw new Refused(-32600, "No id");
      if (typeof id !== "string") throw new Crash();
      const row = known(id);
      reads.set(id, (reads.get(id) ?? 0) + 1);
      rules.reads(row, reads.get(id) ?? 0);
      return rules.checked(row);
    },
    GetStatement(period) {
      const listed = [...rows.values()].filter((row) => rules.isListed(row, period)).sort(rules.order);
      if (listed.length === 0 && rules.emptyIsAnError) throw new Refused(-31003, "None");
      return { transactions: rules.list(listed.map(rules.line)) };
    },
  };
  if (!rules.hasStatement) Reflect.deleteProperty(methods, "GetStatement");
  if (rules.hasFiscalData) {
    methods.SetFiscalData = ({ id, type }) => {
      if (rows.has(id)) return rules.fiscalAnswer(type);
      if (rules.unknownReceiptCode === undefined) throw new Crash();
      throw new Refused(rules.unknownReceiptCode, "No such receipt");
    };
  }
  if (rules.hasChangePassword) {
    methods.ChangePassword = ({ password }) => {
      keys = rules.keepsOldKey ? [...keys, password] : [password];
      return { success: true };
    };
  }

  async function answer(request: Request): Promise<{ code?: number; id: unknown; result?: object; error?: object }> {
    const refused = (id: unknown, code: number, text: string, data?: string | undefined) => {
      return { code, id, error: { code, message: rules.message(text), ...(data === undefined ? {} : { data }) } };
    };
    if (request.method !== "POST") return refused(null, -32300, "POST only");
    const text = await request.text();
    const call = rules.parses(request.headers.get("content-type") ?? "") ? parse(text) : undefined;
    const id = call === undefined ? null : rules.idOf(call);
    const method = call && rules.methodOf(methods, call.method);
    const isUnknown = call !== undefined && method === undefined;
    if (rules.methodBeforeKey && isUnknown) return refused(id, -32601, "No such method", call.method);
    const [, encoded = ""] = /^Basic (\S+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
    const credentials = Buffer.from(encoded, "base64").toString();
    if (!keys.some((key) => rules.authorises(credentials, key)) && !rules.letsIn(request)) {
      return refused(id, call === undefined ? rules.wrongKeyAndNoJsonCode : -32504, "Insufficient privileges");
    }
    if (call === undefined) return refused(rules.idOfNoJson, rules.parseErrorCode, "No JSON");
    if (rules.needsJsonrpc && call.jsonrpc === undefined) return refused(id, -32600, "No jsonrpc");
    if (method === undefined && rules.leavesUnknownUnanswered) return new Promise(() => {});
    if (method === undefined) return refused(id, -32601, "No such method", call.method);
    try {
      return { id, result: await method(call.params) };
    } catch (error) {
      if (error instanceof Refused) return refused(id, error.code, error.message, error.data);
      throw error;
    }
  }

  return {
    async fetch(request: Request): Promise<Response> {
      if (rules.redirects) return new Response(null, { status: 308, headers: { Location: "/payme/" } });
      if (request.method !== "POST" && !rules.answersGet) return new Response("Cannot GET", { status: 404 });
      if (request.method === "PUT" && !rules.answersPut) return new Response("Cannot PUT", { status: 405 });
      busy += 1;
      try {
        const { code, ...body } = await answer(request);
        return Response.json(rules.reply(body), { status: rules.httpStatus(code) });
      } catch {
        return new Response("<h1>Internal Server Error</h1>", { status: 500 });
      } finally {
        rest();
      }
    },
    newOrder() {
      const { name } = rules.second ?? {};
      const account = { order_id: String(++lastOrder), ...(name === undefined ? {} : { [name]: SECOND_VALUE }) };
      return { account, amount: tiyin(AMOUNT) };
    },
    credited: ({ account }: { account: object }) =>
      orders.get(String(Reflect.get(account, "order_id")))?.fulfilled ?? 0,
  };
}

const NOT_YET = { perform_time: 0, cancel_time: 0, state: 1, reason: null } as const;

function parse(text: string): Call | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
