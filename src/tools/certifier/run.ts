import { randomBytes } from "node:crypto";
import { isTiyin, type Tiyin } from "../../kit/money";
import { type AccountKind, REPEATABLE } from "./account-kind";
import type { Answer, Caller } from "./caller";
import { CertifierError } from "./certifier-error";
import { skip } from "./expect";
import type { JsonObject } from "./json";
import { unknownLike } from "./values";

/** An unpaid order, or a balance. */
export interface CertifiedOrder {
  /** The account fields, named as in the cabinet. Payme sends the values as text. */
  readonly account: Readonly<Record<string, string | number>>;
  readonly amount: Tiyin;
}

/** The parameters of a CreateTransaction. */
export interface Wanted {
  readonly id: string;
  readonly time: number;
  readonly amount: number;
  readonly account: JsonObject;
}

/** Options of a {@link Run}. */
export interface RunOptions {
  readonly caller: Caller;
  readonly kind: AccountKind;
  readonly field: string | undefined;
  readonly freeFields: readonly string[];
  readonly unknownAccount: JsonObject | undefined;
  readonly otherKey: string | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => unknown;
  newOrder(): CertifiedOrder | undefined | Promise<CertifiedOrder | undefined>;
  credited?: ((order: CertifiedOrder) => number | Promise<number>) | undefined;
}

/** One run of the certifier: Payme's calls, the orders and the stories so far. */
export interface Run extends Pick<RunOptions, "otherKey" | "now" | "credited"> {
  readonly caller: Caller;
  readonly call: Caller["call"];
  /** The account can be paid again. */
  readonly isRepeatable: boolean;
  /** Gives a new order. Skips the check where no order is left. */
  newOrder(): Promise<CertifiedOrder>;
  /** The account's first field: it identifies what is paid. */
  fieldOf(order: CertifiedOrder): string;
  /** The other fields that decide what is paid. */
  furtherFieldsOf(order: CertifiedOrder): readonly string[];
  /** The fields that decide nothing. */
  freeFieldsOf(order: CertifiedOrder): readonly string[];
  /** The field that an error must name, where this field of the account is wrong. */
  namedFor(field: string): string;
  /** An account that does not exist, in the form of the order's account. */
  unknownAccount(order: CertifiedOrder): JsonObject;
  /** The parameters of a new transaction; `ageMs` is its age. */
  wanted(order: CertifiedOrder, ageMs?: number): Wanted;
  checkPerform(asked: Pick<Wanted, "amount" | "account">): Promise<Answer>;
  create(wanted: Wanted): Promise<Answer>;
  /** A Create that should be refused. Cancels the transaction where it was accepted: it must not disturb later checks. */
  tryCreate(wanted: Wanted): Promise<Answer>;
  perform(wanted: Wanted): Promise<Answer>;
  cancel(wanted: Wanted, reason: number): Promise<Answer>;
  checkTransaction(wanted: Wanted): Promise<Answer>;
  /** Waits, so that a time that is made again differs. */
  pause(ms?: number): Promise<void>;
  /** The accepted and the refused transactions, by Payme's id. */
  readonly accepted: ReadonlyMap<string, Wanted>;
  readonly refused: ReadonlyMap<string, Wanted>;
  /** Cancels the open transactions, so that no order stays reserved. */
  tidy(): Promise<void>;
}

const PAUSE_MS = 25;
/** The reason of the sandbox's Cancel. */
export const EXECUTION_ERROR = 3;
/** The reason of a refund from the cabinet. */
export const REFUND = 5;
/** Another reason, for a repeated Cancel. */
export const OTHER_REASON = 10;

export function createRun(options: RunOptions): Run {
  const { caller, now } = options;
  const isRepeatable = REPEATABLE.includes(options.kind);
  const accepted = new Map<string, Wanted>();
  const refused = new Map<string, Wanted>();
  const unknown = new Map<string, Wanted>();
  const settled = new Set<string>();
  const given = new Set<string>();
  let lastTime = 0;

  /** The fields that decide what is paid; the named one first. */
  const decisive = (account: CertifiedOrder["account"]): readonly string[] => {
    const fields = Object.keys(account).filter((field) => !options.freeFields.includes(field));
    const named = fields.filter((field) => field === options.field);
    return [...named, ...fields.filter((field) => field !== options.field)];
  };

  const settling = (id: string, answer: Answer): Answer => {
    if (answer.result !== undefined) settled.add(id);
    return answer;
  };

  const run: Run = {
    ...options,
    call: caller.call,
    isRepeatable,
    accepted,
    refused,
    async newOrder() {
      const order = (await options.newOrder()) ?? skip("no order is left");
      expectOrder(order);
      const key = JSON.stringify(order.account);
      if (given.has(key) && !isRepeatable) throw new CertifierError(`newOrder gave ${key} twice`);
      given.add(key);
      return order;
    },
    fieldOf: ({ account }) => decisive(account)[0] ?? "account",
    // Where the account that does not exist is given, it alone is tried.
    furtherFieldsOf: ({ account }) => (options.unknownAccount === undefined ? decisive(account).slice(1) : []),
    freeFieldsOf: ({ account }) => Object.keys(account).filter((field) => options.freeFields.includes(field)),
    namedFor: (field) => options.field ?? field,
    unknownAccount: (order) => options.unknownAccount ?? unknownLike(order.account, run.fieldOf(order)),
    wanted({ account, amount }, ageMs = 0) {
      // Times differ, so that the order of a statement can be checked.
      const time = ageMs > 0 ? now() - ageMs : Math.max(now(), lastTime + 1);
      if (ageMs === 0) lastTime = time;
      return { id: randomBytes(12).toString("hex"), time, amount, account };
    },
    checkPerform: ({ account, amount }) => caller.call("CheckPerformTransaction", { amount, account }),
    async create(wanted) {
      const answer = await caller.call("CreateTransaction", { ...wanted });
      if (accepted.has(wanted.id)) return answer;
      if (answer.result !== undefined) accepted.set(wanted.id, wanted);
      // Without an answer, or with a page, it may still be created, even where a repeat is refused.
      else if (answer.error === undefined) unknown.set(wanted.id, wanted);
      if (accepted.has(wanted.id) || unknown.has(wanted.id)) refused.delete(wanted.id);
      else refused.set(wanted.id, wanted);
      return answer;
    },
    async tryCreate(wanted) {
      const answer = await run.create(wanted);
      if (answer.result !== undefined) await run.cancel(wanted, EXECUTION_ERROR);
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

/** @throws CertifierError for an order that Payme could never ask for. */
function expectOrder({ account, amount }: CertifiedOrder): void {
  if (Object.keys(account).length === 0) throw new CertifierError("newOrder gave an account without a field");
  if (isTiyin(amount) && amount > 0) return;
  throw new CertifierError(`newOrder gave the amount ${amount}: it must be a whole number of tiyin, 1 or more`);
}

/** A part of Payme's work with an order. It runs once in a run: all checks of it share its calls and its order. */
export type Story<Result> = (run: Run) => Promise<Result>;

/**
 * Makes a story. A story may first run others. Where one of them was refused, the story and its checks are skipped: one
 * mistake is one failure.
 */
export function story<Result>(work: Story<Result>): Story<Result> {
  const results = new WeakMap<Run, Promise<Result>>();
  return (run) => {
    const result = results.get(run) ?? work(run);
    results.set(run, result);
    return result;
  };
}
