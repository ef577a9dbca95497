import type { AccountKind } from "./account-kind";
import type { CertifierCall } from "./caller";
import type { Run } from "./run";

/** A method of Payme's Merchant API; `*` stands for all of them. */
export type CertifiedMethod =
  | "*"
  | "CheckPerformTransaction"
  | "CreateTransaction"
  | "PerformTransaction"
  | "CancelTransaction"
  | "CheckTransaction"
  | "GetStatement"
  | "SetFiscalData"
  | "ChangePassword";

/** A rule, and the calls that show from outside whether it holds. */
export interface Check {
  /** A stable id: `subject.rule`. */
  readonly id: string;
  readonly method: CertifiedMethod;
  /** The rule in one sentence. */
  readonly rule: string;
  /** The name of this test in Payme's sandbox, where it has the test. */
  readonly sandbox?: string | undefined;
  /** The page that states the rule, or the mistake that was seen in practice. */
  readonly source: string;
  /** The correction where the check fails. */
  readonly mend: string;
  /** The kinds of account that have this rule. Default: all. */
  readonly kinds?: readonly AccountKind[] | undefined;
  /** Returns where the rule holds. @throws Verdict where it does not hold or cannot be seen. */
  readonly run: (run: Run) => unknown;
}

/** A check of a group, whose method is the group's unless the check names another one. */
export type GroupedCheck = Omit<Check, "method"> & Partial<Pick<Check, "method">>;

/** Returns the checks of one method. */
export function checksOf(method: CertifiedMethod, checks: readonly GroupedCheck[]): readonly Check[] {
  return checks.map((check) => ({ method, ...check }));
}

/** The outcome of a check. */
export interface CheckResult {
  readonly id: string;
  readonly method: CertifiedMethod;
  readonly rule: string;
  readonly sandbox: string | null;
  /** `warned`: sources disagree, or Payme tolerates the answer. `skipped`: the rule could not be seen. */
  readonly status: "passed" | "failed" | "warned" | "skipped";
  /** Null for a passed check. */
  readonly expected: string | null;
  /** The actual answer; for a skipped check, the reason. */
  readonly got: string | null;
  readonly source: string;
  readonly mend: string;
  /** The call that showed it, without the key. */
  readonly exchange: CertifierCall | null;
}
