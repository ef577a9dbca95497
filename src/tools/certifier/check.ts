import type { CertifierCall } from "./caller";
import type { Run } from "./run";

/** A method of Payme's Merchant API; `*` for what is true of all of them. */
export type CheckedMethod =
  | "*"
  | "CheckPerformTransaction"
  | "CreateTransaction"
  | "PerformTransaction"
  | "CancelTransaction"
  | "CheckTransaction"
  | "GetStatement"
  | "SetFiscalData"
  | "ChangePassword";

/** A rule, and how to see from outside whether it holds. */
export interface Check {
  /** Stable: `subject.rule`. */
  readonly id: string;
  readonly method: CheckedMethod;
  /** What must hold, in one sentence. */
  readonly rule: string;
  /** What Payme's sandbox calls the test, where it has it. */
  readonly sandbox?: string | undefined;
  /** Where it is written, or who was seen to get it wrong. */
  readonly source: string;
  /** What to do where it fails. */
  readonly mend: string;
  /** Kinds of account that it is about. Default: both. */
  readonly only?: "one-time" | "accumulative" | undefined;
  /** Ends quietly where the rule holds. @throws Verdict where it does not, or cannot be seen. */
  readonly run: (run: Run) => void | Promise<void>;
}

/** How a check ended. */
export interface CheckResult {
  readonly id: string;
  readonly method: CheckedMethod;
  readonly rule: string;
  readonly sandbox: string | null;
  /** `warned`: sources disagree, or Payme tolerates it. `skipped`: it could not be seen. */
  readonly status: "passed" | "failed" | "warned" | "skipped";
  /** Null where it passed. */
  readonly expected: string | null;
  /** What came instead; for a skipped check, why it was skipped. */
  readonly got: string | null;
  readonly source: string;
  readonly mend: string;
  /** The call that showed it, without the key. */
  readonly exchange: CertifierCall | null;
}
