import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../../kit/clock";
import { contentOf, isUndecided, type MerchantAnswer, type MerchantMethodName, type MerchantResult } from "./answer";
import type { NoteDisagreement } from "./disagreement";
import { isExpired, type MerchantBook } from "./merchant-book";
import type { MerchantLine } from "./merchant-line";

type Params = { readonly id: string; readonly [member: string]: unknown };

/**
 * Returns a function that sends Create, Perform or Cancel, and enters the merchant's answer into the book. Payme sends each
 * change twice, and the second answer must equal the first. Answers are not compared when another change, or the end of the
 * 12 hours, came in between. A refusal is final, and is not repeated.
 */
export function createChangeSender(
  { line, book }: { line: MerchantLine; book: MerchantBook },
  now: Clock,
  note: NoteDisagreement,
  sendTwice: boolean,
) {
  /** True for a Create that is repeated after 12 hours: the merchant refuses it. */
  function isOver(method: MerchantMethodName, id: string): boolean {
    const transaction = book.find(id);
    return method === "CreateTransaction" && transaction !== undefined && isExpired(transaction, now());
  }

  async function sendAgain(method: MerchantMethodName, params: Params, first: MerchantResult) {
    const { id } = params;
    const before = book.changes(id);
    const { answer, isInjected } = await line.call(method, params);
    if (isUndecided(answer) || isInjected || isOver(method, id)) return;
    if (before === undefined || book.changes(id) !== before) return;
    const [expected, actual] = [first, answer].map(contentOf);
    if (isDeepStrictEqual(expected, actual)) return;
    note({ kind: "repeat_differs", method, id, field: null, expected, actual });
  }

  return async (
    method: MerchantMethodName,
    params: Params,
    enter: (id: string, result: MerchantResult["result"]) => void,
  ): Promise<MerchantAnswer> => {
    const { id } = params;
    const before = book.changes(id);
    const { answer: first } = await line.call(method, params).finally(() => book.end(id));
    if (isUndecided(first)) return first;
    const isAlone = before !== undefined && book.changes(id) === before;
    book.decide(id, method);
    if (first.outcome !== "result") return first;
    enter(id, first.result);
    if (sendTwice && isAlone) await sendAgain(method, params, first);
    else if (sendTwice) await line.call(method, params);
    return first;
  };
}
