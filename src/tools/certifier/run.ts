import { randomBytes, randomUUID } from "node:crypto";
import { isTiyin } from "../../kit/money";
import type { Answer, Caller } from "./caller";
import { CertifierError } from "./certifier-error";
import { skip } from "./expect";
import type { JsonObject } from "./json";

/** An order, or a balance, that is not paid. */
export interface CertifiedOrder {
  /** As Payme will send it: the fields as they are named in the cabinet. Payme sends values as text. */
  readonly account: Readonly<Record<string, string | number>>;
  /** What it costs, in tiyin. */
  readonly amount: number;
}

/** The parameters of a CreateTransaction. */
export interface Wanted {
  readonly id: string;
  readonly time: number;
  readonly amount: number;
  readonly account: JsonObject;
}

/** What a {@link Run} works with. */
export interface RunOptions {
  readonly caller: Caller;
  readonly isAccumulative: boolean;
  readonly field: string | undefined;
  readonly unknownAccount: JsonObject | undefined;
  readonly otherKey: string | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => unknown;
  newOrder(): CertifiedOrder | undefined | Promise<CertifiedOrder | undefined>;
  credited?: ((order: CertifiedOrder) => number | Promise<number>) | undefined;
}

/** One run of the certifier: the calls of Payme, the orders, and what was told so far. */
export interface Run extends Pick<RunOptions, "isAccumulative" | "otherKey" | "now" | "credited"> {
  readonly caller: Caller;
  readonly call: Caller["call"];
  /** A fresh order. Skips what needs it where none is left. */
  newOrder(): Promise<CertifiedOrder>;
  /** The account field that errors must name. */
  fieldOf(order: CertifiedOrder): string;
  /** An account like the order's that does not exist. */
  unknownAccount(order: CertifiedOrder): JsonObject;
  /** A transaction that Payme might want, with an id of its own; `ageMs`: made so long ago. */
  wanted(order: CertifiedOrder, ageMs?: number): Wanted;
  checkPerform(order: CertifiedOrder): Promise<Answer>;
  create(wanted: Wanted): Promise<Answer>;
  perform(wanted: Wanted): Promise<Answer>;
  cancel(wanted: Wanted, reason: number): Promise<Answer>;
  checkTransaction(wanted: Wanted): Promise<Answer>;
  /** Lets time go by, so that a time made anew is another one. */
  pause(ms?: number): Promise<void>;
  /** The transactions that were accepted and those that were refused, by Payme's id. */
  readonly accepted: ReadonlyMap<string, Wanted>;
  readonly refused: ReadonlyMap<string, Wanted>;
  /** Cancels what is still open, so that no order stays reserved. */
  tidy(): Promise<void>;
}

const PAUSE_MS = 25;
/** The reason that the sandbox cancels with. */
export const EXECUTION_ERROR = 3;
/** Another reason, for a Cancel that comes once more. */
export const OTHER_REASON = 10;

export function createRun(options: RunOptions): Run {
  const { caller, now } = options;
  const accepted = new Map<string, Wanted>();
  const refused = new Map<string, Wanted>();
  const unknown = new Map<string, Wanted>();
  const settled = new Set<string>();
  const given = new Set<string>();
  let lastTime = 0;

  const settling = (id: string, answer: Answer): Answer => {
    if (answer.result !== undefined) settled.add(id);
    return answer;
  };

  const run: Run = {
    ...options,
    call: caller.call,
    accepted,
    refused,
    async newOrder() {
      const order = (await options.newOrder()) ?? skip("no order is left");
      expectOrder(order);
      const key = JSON.stringify(order.account);
      if (given.has(key) && !options.isAccumulative) throw new CertifierError(`newOrder gave ${key} twice`);
      given.add(key);
      return order;
    },
    fieldOf: ({ account }) => options.field ?? Object.keys(account)[0] ?? "account",
    unknownAccount: (order) => options.unknownAccount ?? unknownLike(order.account, run.fieldOf(order)),
    wanted({ account, amount }, ageMs = 0) {
      // Each time is another one, so that a statement's order can be told.
      const time = ageMs > 0 ? now() - ageMs : Math.max(now(), lastTime + 1);
      if (ageMs === 0) lastTime = time;
      return { id: randomBytes(12).toString("hex"), time, amount, account };
    },
    checkPerform: ({ account, amount }) => caller.call("CheckPerformTransaction", { amount, account }),
    async create(wanted) {
      const answer = await caller.call("CreateTransaction", { ...wanted });
      if (accepted.has(wanted.id)) return answer;
      if (answer.result !== undefined) accepted.set(wanted.id, wanted);
      // No answer, or a page: it may have been created all the same, also where a repeat is refused.
      else if (answer.error === undefined) unknown.set(wanted.id, wanted);
      if (accepted.has(wanted.id) || unknown.has(wanted.id)) refused.delete(wanted.id);
      else refused.set(wanted.id, wanted);
      return answer;
    },
    perform: async ({ id }) => settling(id, await caller.call("PerformTransaction", { id })),
    cancel: async ({ id }, reason) => settling(id, await caller.call("CancelTransaction", { id, reason })),
    checkTransaction: ({ id }) => caller.call("CheckTransaction", { id }),
    async pause(ms = PAUSE_MS) {
      await options.sleep(ms);
    },
    async tidy() {
      for (const wanted of [...accepted.values(), ...unknown.values()])
        if (!settled.has(wanted.id)) await run.cancel(wanted, EXECUTION_ERROR);
    },
  };

  return run;
}

/** @throws CertifierError when Payme could never ask for it. */
function expectOrder({ account, amount }: CertifiedOrder): void {
  if (Object.keys(account).length === 0) throw new CertifierError("newOrder gave an account without a field");
  if (isTiyin(amount) && amount > 0) return;
  throw new CertifierError(`newOrder gave the amount ${amount}: it is a whole number of tiyin, 1 or more`);
}

/** An account of the same kind that nobody has: numbers stay numbers, UUIDs stay UUIDs. */
function unknownLike(account: CertifiedOrder["account"], field: string): JsonObject {
  const value = account[field];
  const text = String(value);
  const unknown =
    typeof value === "number"
      ? 2_147_483_646
      : /^\d+$/.test(text)
        ? "2147483646"
        : /^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(text)
          ? randomUUID()
          : /^[0-9a-f]{24}$/i.test(text)
            ? randomBytes(12).toString("hex")
            : "no-such-order";
  return { ...account, [field]: unknown };
}
