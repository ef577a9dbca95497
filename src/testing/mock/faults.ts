import type { Random } from "./random";

/** What goes wrong. */
export type FaultKind =
  | { readonly kind: "drop_before" | "drop_after" }
  | { readonly kind: "delay"; readonly delayMs: number }
  | { readonly kind: "duplicate" }
  | {
      readonly kind: "rpc_error";
      readonly code: number;
      readonly message?: string | undefined;
      readonly data?: unknown;
    }
  | { readonly kind: "http_status"; readonly status: number }
  | { readonly kind: "malformed"; readonly body?: string | undefined };

/**
 * A rule: which calls, to the API or to a merchant's endpoint, and what goes wrong with them. `drop_before` and the errors come
 * before any effect; `drop_after` and `malformed` after it: the answer is lost, what was asked is done. `duplicate`: it is done twice, as
 * behind a proxy that repeats, and the caller gets the second answer.
 */
export type FaultRule = FaultKind & {
  /** Each of them can be late as well, in ms. */
  readonly delayMs?: number | undefined;
  /** A method, or a pattern such as `receipts.*` or `*Transaction`. Default: every one. */
  readonly method?: string | undefined;
  /** Only calls about this receipt. */
  readonly id?: string | undefined;
  /** Only calls of this amount, or about a receipt of it. */
  readonly amount?: number | undefined;
  /** Only calls whose account, or whose receipt's, has these values. */
  readonly account?: Readonly<Record<string, string | number>> | undefined;
  /** Only the n-th call that the rest of the rule matches, counted from 1; calls that an earlier rule took count, too. */
  readonly callNumber?: number | undefined;
  /** How often it happens at most. Default: always. */
  readonly times?: number | undefined;
  /** From 0 to 1, by the mock's seed. Default 1. */
  readonly probability?: number | undefined;
};

/** Rules in order: the first that matches a call decides. */
export interface Faults {
  /** Adds a rule at the end. Gives a function that takes it away again. */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** The rules in their order, and how often each matched and happened. */
  list(): FaultCount[];
}

/** A rule and what came of it so far. */
export interface FaultCount {
  readonly rule: FaultRule;
  readonly matched: number;
  readonly happened: number;
  /** Takes the rule away. */
  remove(): void;
}

/** What a call that only names a receipt, or a transaction, is about. */
export type LookUp = (id: string) => { amount: number; account: Readonly<Record<string, unknown>> } | undefined;

/** A call as the rules see it. */
export interface FaultyCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface ArmedRule {
  readonly rule: FaultRule;
  matched: number;
  happened: number;
}

export function createFaults(
  random: Random,
  lookUp: LookUp = () => undefined,
): Faults & { pick(call: FaultyCall): FaultRule | undefined } {
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
  return new RegExp(
    `^${glob
      .split("*")
      .map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"))
      .join(".*")}$`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
