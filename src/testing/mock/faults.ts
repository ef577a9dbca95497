import { isRecord } from "../../kit/json";
import type { Random } from "./random";

/** The kind of a fault. */
export type FaultKind =
  | { readonly kind: "drop_before" | "drop_after" }
  | { readonly kind: "delay"; readonly delayMs: number }
  | { readonly kind: "duplicate" }
  | {
      readonly kind: "rpc_error";
      readonly code: number;
      readonly message?: string | undefined;
      readonly data?: unknown;
      /**
       * Payme carries the call out all the same, so many ms later by the mock's clock. Only `receipts.pay`,
       * `receipts.confirm_hold` and `receipts.cancel` at a virtual terminal.
       */
      readonly doneAfterMs?: number | undefined;
    }
  | { readonly kind: "http_status"; readonly status: number }
  | { readonly kind: "malformed"; readonly body?: string | undefined };

/**
 * A fault, and the calls that it happens to: calls to the API, or to a merchant's endpoint. `drop_before` and the errors come
 * before any effect; with `doneAfterMs` the effect comes later. `drop_after` and `malformed` come after it: the call is carried out, and its answer is lost.
 * `duplicate`: the call is carried out twice, as behind a proxy that repeats, and the caller gets the second answer.
 */
export type FaultRule = FaultKind & {
  /** A delay of the answer in ms, with any kind. */
  readonly delayMs?: number | undefined;
  /** A method, or a pattern such as `receipts.*` or `*Transaction`. Default: every one. */
  readonly method?: string | undefined;
  /** Only calls about this receipt or transaction. */
  readonly id?: string | undefined;
  /** Only calls with this amount, or about a receipt with it. */
  readonly amount?: number | undefined;
  /** Only calls with these account values, or about a receipt with them. */
  readonly account?: Readonly<Record<string, string | number>> | undefined;
  /** Only the n-th call that the rest of the rule matches, from 1. Calls that an earlier rule took count, too. */
  readonly callNumber?: number | undefined;
  /** The most times that it happens. Default: no limit. */
  readonly times?: number | undefined;
  /** The probability, from 0 to 1, decided by the mock's seed. Default 1. */
  readonly probability?: number | undefined;
};

/** The fault rules of a mock, in order: the first that matches a call decides. */
export interface FaultRules {
  /** Adds a rule at the end. Returns a function that removes it. */
  add(rule: FaultRule): () => void;
  clear(): void;
  list(): ActiveFault[];
}

/** A fault rule, and how often it matched a call and happened. */
export interface ActiveFault {
  readonly rule: FaultRule;
  readonly matched: number;
  readonly happened: number;
  /** Removes the rule. */
  remove(): void;
}

/** Finds the amount and account of a call that only names a receipt or a transaction. */
type LookUp = (id: string) => { amount: number; account: Readonly<Record<string, unknown>> } | undefined;

/** The parts of a call that rules match. */
export interface FaultyCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

type ArmedRule = { readonly rule: FaultRule; matched: number; happened: number };

export function createFaults(
  random: Random,
  lookUp: LookUp = () => undefined,
): FaultRules & { pick(call: FaultyCall): FaultRule | undefined } {
  let armed: ArmedRule[] = [];
  const remove = (entry: ArmedRule) => {
    armed = armed.filter((each) => each !== entry);
  };
  return {
    add(rule) {
      const entry: ArmedRule = { rule, matched: 0, happened: 0 };
      armed.push(entry);
      return () => remove(entry);
    },
    clear() {
      armed = [];
    },
    list: () => armed.map((entry) => ({ ...entry, remove: () => remove(entry) })),
    pick(call) {
      const concerned = armed.filter(({ rule }) => matches(rule, call, lookUp));
      for (const entry of concerned) entry.matched += 1;
      const chosen = concerned.find((entry) => isTurn(entry, random));
      if (chosen === undefined) return undefined;
      chosen.happened += 1;
      return chosen.rule;
    },
  };
}

function isTurn({ rule, matched, happened }: ArmedRule, random: Random): boolean {
  if (rule.callNumber !== undefined && rule.callNumber !== matched) return false;
  if (rule.times !== undefined && happened >= rule.times) return false;
  return rule.probability === undefined || random() < rule.probability;
}

function matches(rule: FaultRule, { method, params }: FaultyCall, lookUp: LookUp): boolean {
  if (!pattern(rule.method ?? "*").test(method)) return false;
  if (rule.id !== undefined && params.id !== rule.id) return false;
  if (rule.amount === undefined && rule.account === undefined) return true;
  const known = typeof params.id === "string" ? lookUp(params.id) : undefined;
  if (rule.amount !== undefined && (params.amount ?? known?.amount) !== rule.amount) return false;
  const account = params.account ?? known?.account;
  return Object.entries(rule.account ?? {}).every(
    ([name, value]) => isRecord(account) && String(account[name]) === String(value),
  );
}

function pattern(glob: string): RegExp {
  const parts = glob.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
