import { describe, expect, it } from "vitest";
import { AMOUNT, allowsAt, createEndpoint, KEY, type Row, type Rules } from "../faulty/endpoints/reference";
import { createClock, idsOf } from "./shops";

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, number>>;
}

interface Reply {
  readonly id?: unknown;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number };
}

/** What an endpoint does differently: rules of its own, or other answers. */
interface Habit {
  readonly rules?: Partial<Rules>;
  readonly reply?: (reply: Reply, call: Call) => Reply;
}

function certified({ rules = {}, reply = (same) => same }: Habit, only?: readonly string[]) {
  const clock = createClock();
  const endpoint = createEndpoint(rules, clock.now);
  const api = async (request: Request) => {
    const text = await request.clone().text();
    const answer: Reply = JSON.parse(await (await endpoint.fetch(request)).text());
    return Response.json(text.endsWith("}") ? reply(answer, JSON.parse(text)) : answer);
  };
  const { newOrder, credited } = endpoint;
  return idsOf({ api, key: KEY, newOrder, credited, only, ...clock });
}

const REFUSED_PERIOD = { code: -31050, message: { ru: "x", uz: "x", en: "x" }, data: "from" };

describe.concurrent("a right endpoint fails nothing where it", () => {
  it.for<[habit: string, Habit, warned: string[]]>([
    [
      "refuses a period whose from is its to, as Payme's PHP template does",
      {
        reply: (reply, { id, method, params: { from = 0, to = 1 } }) =>
          method === "GetStatement" && reply.result && from >= to ? { id, error: REFUSED_PERIOD } : reply,
      },
      ["statement.inclusive"],
    ],
    [
      "has numbers in its statement for the order and its own id, as Payme's PHP template does",
      {
        rules: {
          line: ({ account, transaction, ...row }) => ({
            ...row,
            account: { order_id: Number(account.order_id) },
            transaction: Number(transaction),
          }),
        },
      },
      ["statement.as-received", "statement.agrees"],
    ],
    [
      "tells a payer something else in each Check",
      {
        reply: ({ result, ...reply }, { id, method }) =>
          method === "CheckPerformTransaction" && result
            ? { ...reply, result: { ...result, additional: { queue: String(id) } } }
            : { ...reply, ...(result && { result }) },
      },
      [],
    ],
    [
      "answers a wrong key without reading the id",
      { reply: (reply) => (reply.error?.code === -32504 ? { ...reply, id: null } : reply) },
      ["answer.id"],
    ],
    [
      "has null for a fiscal detail",
      { rules: { allows: { allow: true, additional: null, detail: null } } },
      ["check-perform.detail"],
    ],
    [
      "has null for the discount of an item",
      { rules: { allows: allowsAt(AMOUNT, { discount: null }) } },
      ["check-perform.detail"],
    ],
    [
      "has null for the shipping",
      { rules: { allows: { allow: true, detail: { receipt_type: 0, items: [], shipping: null } } } },
      ["check-perform.detail"],
    ],
  ])("%s", async ([, habit, expected], { expect }) => {
    const { failed, warned, skipped } = await certified(habit);
    expect({ failed, warned }).toEqual({ failed: [], warned: expected });
    expect(skipped).not.toContain("check.ends-nothing");
  });
});

it("a Perform that answers the state of a cancelled transaction is not said to have performed it", async () => {
  const { failed, skipped } = await certified({
    reply: (reply, { id, method, params }) =>
      method === "PerformTransaction" && reply.error?.code === -31008
        ? { id, result: { transaction: params.id, perform_time: 0, state: -1 } }
        : reply,
  });
  expect(failed).toEqual(["perform.cancelled", "perform.refunded", "timeout.perform"]);
  for (const id of ["perform.against-cancel", "timeout.create-again", "timeout.reason", "timeout.order-free"]) {
    expect(skipped).not.toContain(id);
  }
});

it("a statement that ends what is over agrees with the CheckTransaction after it", async () => {
  // An endpoint that creates what is over: the statement is the first call that looks at it.
  const endsOld = (row: Row): Row =>
    row.state === 1 && Date.now() - row.time > 43_190_000
      ? Object.assign(row, { state: -1, reason: 4, cancel_time: Date.now() })
      : row;
  const { failed } = await certified({ rules: { takesOldOnes: true, line: endsOld } }, ["statement"]);
  expect(failed).toEqual([]);
});
