import type { Answer } from "../caller";
import type { GroupedCheck } from "../check";
import { expectCode, expectMilliseconds } from "../expect";
import type { JsonObject } from "../json";
import type { Run } from "../run";
import { PAYME } from "../sources";

/** A transaction id that does not exist. */
export const UNKNOWN_ID = "000000000000000000000000";

/** A body that breaks off. */
export const NO_JSON = '{"method":"CheckTransaction","params":';

/** The check that a time in an answer is in milliseconds. */
export function millisecondsCheck(id: string, member: string, answerOf: (run: Run) => Promise<Answer>): GroupedCheck {
  return {
    id,
    rule: `${member} is a whole number of milliseconds`,
    source: PAYME.types,
    mend: "Answer milliseconds, 13 digits (in a 64-bit column): seconds times 1000.",
    run: async (run) => expectMilliseconds(await answerOf(run), member),
  };
}

/** The check that a method does not know a transaction that was never created. */
export function unknownTransactionCheck(id: string, method: string, params: JsonObject = {}): GroupedCheck {
  return {
    id,
    rule: "the answer for an unknown transaction is -31003",
    source: PAYME.errors,
    mend: "Answer -31003 where you do not have Payme's id.",
    run: async (run) => expectCode(await run.call(method, { id: UNKNOWN_ID, ...params }), -31003),
  };
}
