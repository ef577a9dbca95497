import { basicCredentials } from "../../src/protocol/basic-auth";
import { KEY } from "../merchant/shop";

interface Row {
  id: string;
  time: number;
  amount: number;
  account: Record<string, unknown>;
  create_time: number;
  perform_time: number;
  cancel_time: number;
  transaction: string;
  state: number;
  reason: number | null;
}

type Params = Partial<Row> & { from?: number; to?: number };
type Reply = { result: object } | { error: object };

/** What is wrong with an endpoint; each is a mistake that a real integration made. */
export interface Mistakes {
  /** A repeated Create is answered with the time of the moment. */
  timeAnewOnRepeat?: boolean;
  /** A repeated Perform is refused. */
  repeatedPerformRefused?: boolean;
  /** A repeated Perform is done once more, with another time. */
  performTwice?: boolean;
  repeatedCancelOverwrites?: boolean;
  secondsForMilliseconds?: boolean;
  numberForTransaction?: boolean;
  /** A refund is answered as -1, and the time of payment is lost. */
  refundAsCancel?: boolean;
  performTimeLost?: boolean;
  /** There are no 12 hours. */
  neverExpires?: boolean;
  errorWithoutField?: boolean;
  statement?: (rows: Row[]) => unknown[];
  /** Instead of an answer, by the number of the call. */
  answer?: (call: number, method: string) => Response | undefined;
}

const HOURS_12_MS = 43_200_000;

/** A small endpoint that sells everything to everybody at any price, with the mistakes that it is given. */
export function faultyEndpoint(now: () => number, mistakes: Mistakes = {}) {
  const rows = new Map<string, Row>();
  let calls = 0;
  let performs = 0;
  const time = () => (mistakes.secondsForMilliseconds === true ? Math.floor(now() / 1000) : now());
  const no = (code: number): Reply => ({ error: { code, message: { ru: "нет", uz: "yo‘q", en: "no" } } });

  const methods: Record<string, (params: Params, row: Row | undefined) => Reply> = {
    CheckPerformTransaction: ({ account }) =>
      account?.order_id === "none"
        ? {
            error: {
              code: -31050,
              message: mistakes.errorWithoutField ? "no" : LANGUAGES,
              data: mistakes.errorWithoutField ? null : "order_id",
            },
          }
        : { result: { allow: true } },
    CreateTransaction({ id = "", time: at = 0, amount = 0, account = {} }, known) {
      const row = known ?? {
        ...{ id, time: at, amount, account, create_time: time(), perform_time: 0, cancel_time: 0 },
        ...{ transaction: `ours-${rows.size + 1}`, state: 1, reason: null },
      };
      rows.set(id, row);
      if (known !== undefined && mistakes.timeAnewOnRepeat) row.create_time = time() + 1;
      const transaction = mistakes.numberForTransaction ? rows.size : row.transaction;
      return { result: { create_time: row.create_time, transaction, state: 1 } };
    },
    PerformTransaction(_params, row) {
      if (row === undefined) return no(-31003);
      const isOver = now() - row.time > HOURS_12_MS && mistakes.neverExpires !== true;
      if (row.state < 0 || (row.state === 1 && isOver)) return no(-31008);
      if (row.state === 2 && mistakes.repeatedPerformRefused) return no(-31008);
      if (row.state === 1 || mistakes.performTwice) {
        performs += 1;
        Object.assign(row, { state: 2, perform_time: time() + performs });
      }
      return { result: { transaction: row.transaction, perform_time: row.perform_time, state: 2 } };
    },
    CancelTransaction({ reason = null }, row) {
      if (row === undefined) return no(-31003);
      if (row.state > 0 || mistakes.repeatedCancelOverwrites) {
        const state = row.state === 2 && mistakes.refundAsCancel !== true ? -2 : row.state > 0 ? -1 : row.state;
        Object.assign(row, { state, reason, cancel_time: time() + (row.state < 0 ? 1 : 0) });
        if (mistakes.performTimeLost) row.perform_time = 0;
      }
      return { result: { transaction: row.transaction, cancel_time: row.cancel_time, state: row.state } };
    },
    CheckTransaction: (_params, row) => (row === undefined ? no(-31003) : { result: row }),
    GetStatement({ from = 0, to = 0 }) {
      const found = [...rows.values()].filter((row) => row.time >= from && row.time <= to);
      return { result: { transactions: mistakes.statement?.(structuredClone(found)) ?? found } };
    },
  };

  async function fetch(request: Request): Promise<Response> {
    calls += 1;
    const { method, params, id } = Object(await request.json());
    const instead = mistakes.answer?.(calls, method);
    if (instead !== undefined) return instead;
    const { password } = basicCredentials(request.headers.get("authorization") ?? "") ?? {};
    const reply = password === KEY ? methods[method]?.(params, rows.get(params.id)) : no(-32504);
    return Response.json({ ...(reply ?? no(-32601)), id });
  }

  return { fetch, rows, performs: () => performs };
}

const LANGUAGES = { ru: "нет", uz: "yo‘q", en: "no" };
