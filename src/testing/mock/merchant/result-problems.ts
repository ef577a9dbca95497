import { isRecord } from "../../../kit/json";
import { isAccountError } from "../../../protocol/codes";
import { TransactionState } from "../../../protocol/states";
import type { MerchantAnswer, MerchantMethodName } from "./answer";

/** A member of a result or an error that differs from Payme's documents. */
interface ResultProblem {
  readonly field: string;
  readonly expected: string;
  readonly actual: unknown;
}

interface Rule {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

const TIME: Rule = { expected: "13 digits: milliseconds", fits: isTimestamp };
const TIME_OR_ZERO: Rule = {
  expected: "13 digits: milliseconds; 0 before it happened",
  fits: (value) => value === 0 || isTimestamp(value),
};
const TEXT: Rule = { expected: "a text", fits: (value) => typeof value === "string" && value !== "" };
const TRUE: Rule = { expected: "true", fits: (value) => value === true };
const LIST: Rule = { expected: "a list", fits: Array.isArray };
const REASON: Rule = { expected: "a whole number or null", fits: (value) => value === null || Number.isInteger(value) };
const stateOf = (...states: number[]): Rule => ({
  expected: states.join(" or "),
  fits: (value) => typeof value === "number" && states.includes(value),
});

const { CREATED, PERFORMED, CANCELLED, REFUNDED } = TransactionState;
const ANY_STATE = stateOf(CREATED, PERFORMED, CANCELLED, REFUNDED);

/** The members of a method's result. Source: developer.help.paycom.uz, the page of each method. */
const RESULT_RULES: Readonly<Record<MerchantMethodName, Readonly<Record<string, Rule>>>> = {
  CheckPerformTransaction: { allow: TRUE },
  CreateTransaction: { create_time: TIME, transaction: TEXT, state: stateOf(CREATED) },
  PerformTransaction: { perform_time: TIME, transaction: TEXT, state: stateOf(PERFORMED) },
  CancelTransaction: { cancel_time: TIME, transaction: TEXT, state: stateOf(CANCELLED, REFUNDED) },
  CheckTransaction: {
    create_time: TIME,
    perform_time: TIME_OR_ZERO,
    cancel_time: TIME_OR_ZERO,
    transaction: TEXT,
    state: ANY_STATE,
    reason: REASON,
  },
  GetStatement: { transactions: LIST },
  SetFiscalData: { success: TRUE },
  ChangePassword: { success: TRUE },
};

/** The mistakes in an answer's content: members of a result, or an account error without text or field. */
export function problemsOf(answer: MerchantAnswer): ResultProblem[] {
  if (answer.outcome === "unknown") return [];
  if (answer.outcome === "result") return broken(RESULT_RULES[answer.method], answer.result);
  // The payer reads the text, and the field names the input: both are mandatory in this range of codes.
  return isAccountError(answer.code) ? broken(ACCOUNT_ERROR_RULES, { message: answer.message, data: answer.data }) : [];
}

const ACCOUNT_ERROR_RULES: Readonly<Record<string, Rule>> = {
  message: {
    expected: "texts in ru, uz and en",
    fits: (value) => isRecord(value) && ["ru", "uz", "en"].every((language) => TEXT.fits(value[language])),
  },
  data: { expected: "the account's field", fits: TEXT.fits },
};

function broken(rules: Readonly<Record<string, Rule>>, members: Readonly<Record<string, unknown>>): ResultProblem[] {
  return Object.entries(rules)
    .filter(([field, rule]) => !rule.fits(members[field]))
    .map(([field, { expected }]) => ({ field, expected, actual: members[field] }));
}

/** True for a time in milliseconds. One in seconds has only ten digits. */
export function isTimestamp(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1e12 && value < 1e13;
}
