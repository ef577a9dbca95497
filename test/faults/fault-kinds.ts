import type { FaultRule } from "../../src/testing/mock/faults";

/** As long as a delayed call is kept back: until the test lets it arrive. */
export const KEPT_BACK_MS = 7_777_777;

/** One thing that can go wrong with a call. */
export interface Fault {
  readonly name: string;
  readonly rule: FaultRule;
  /** True where a client cannot tell it from one of the others: tried once only. */
  readonly isAlike?: boolean | undefined;
  /** Of a call that is kept back: when it reaches Payme after all. */
  readonly arrives?: "healed" | "amid" | "over" | undefined;
}

const keptBack = { kind: "delay", delayMs: KEPT_BACK_MS } as const;
const refused = (code: number, message: string): Fault => ({
  name: `refused with ${code} (${message})`,
  rule: { kind: "rpc_error", code, message },
});
const refusedButDone = (after: string, doneAfterMs: number): Fault => ({
  name: `refused with -32400, and done after ${after}`,
  rule: { kind: "rpc_error", code: -32400, message: "Системная ошибка", doneAfterMs },
});
const answered = (name: string, body: string): Fault => ({ name, rule: { kind: "malformed", body } });
const alike = (fault: Fault): Fault => ({ ...fault, isAlike: true });
const json = (answer: object) => JSON.stringify({ jsonrpc: "2.0", id: 1, ...answer });

/** Everything that goes wrong between a client and Payme. */
export const FAULTS: readonly Fault[] = [
  { name: "dropped before anything was done", rule: { kind: "drop_before" } },
  { name: "done, and the answer dropped", rule: { kind: "drop_after" } },
  { name: "too late, arriving when the network heals", rule: keptBack, arrives: "healed" },
  { name: "too late, arriving amid the next attempt", rule: keptBack, arrives: "amid" },
  { name: "too late, arriving when all is over", rule: keptBack, arrives: "over" },
  refused(-31602, "Чек не найден или оплачен"),
  refused(-32400, "Системная ошибка"),
  refused(-31630, "Недостаточно средств"),
  refused(-31001, "Сервер Paycom недоступен"),
  refusedButDone("a second", 1_000),
  refusedButDone("ten seconds", 10_000),
  answered("done, and answered with a system error", json({ error: { code: -32400, message: "Системная ошибка" } })),
  answered("done, and answered with -31602", json({ error: { code: -31602, message: "Чек не найден или оплачен" } })),
  { name: "HTTP 502", rule: { kind: "http_status", status: 502 } },
  alike({ name: "HTTP 500", rule: { kind: "http_status", status: 500 } }),
  alike({ name: "HTTP 504", rule: { kind: "http_status", status: 504 } }),
  answered("done, and answered with HTML", "<html><h1>502 Bad Gateway</h1></html>"),
  alike(answered("done, and half of the answer", '{"jsonrpc":"2.0","id":1,"result":{"receipt":{"_id":"65a0')),
  alike(answered("done, and an empty answer", "")),
  alike(answered("done, and a result of null", json({ result: null }))),
  answered("done, and a result of another shape", json({ result: { receipt: { _id: 5, state: "4" }, state: "4" } })),
  { name: "done twice", rule: { kind: "duplicate" } },
];

/** A fault at the n-th call of a story: once, or from then on until the network heals. */
export interface FaultPlan {
  readonly fault: Fault;
  /** Counted from 1. */
  readonly call: number;
  readonly lasts: boolean;
}

/** A plan in words. */
export function tellPlan({ fault, call, lasts }: FaultPlan, calls: readonly string[]): string {
  return `call ${call} (${calls[call - 1]}) ${fault.name}${lasts ? ", and so on until the network heals" : ""}`;
}
