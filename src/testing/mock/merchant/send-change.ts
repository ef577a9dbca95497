import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../../kit/clock";
import { contentOf, isUndecided, type MerchantAnswer, type MerchantMethodName, type MerchantResult } from "./answer";
import { isExpired } from "./book-entry";
import type { NoteDisagreement } from "./disagreement";
import type { MerchantBook } from "./merchant-book";
import type { MerchantLine } from "./merchant-line";

/** What sending works with. */
export interface ChangeTools {
  readonly line: MerchantLine;
  readonly book: MerchantBook;
  readonly now: Clock;
  readonly note: NoteDisagreement;
  readonly sendTwice: boolean;
}

/** Sends Create, Perform or Cancel, which the book knows to have begun, and enters what the merchant answers. */
export type SendChange = (
  method: MerchantMethodName,
  params: { readonly id: string; readonly [member: string]: unknown },
  enter: (id: string, result: MerchantResult["result"]) => void,
) => Promise<MerchantAnswer>;

/**
 * Payme sends each change twice: the second answer must be the first. Not compared is what another change, or the end of the
 * 12 hours, came in between. A refusal is final, and is not repeated.
 */
export function createChangeSender({ line, book, now, note, sendTwice }: ChangeTools): SendChange {
  /** A Create that is repeated after 12 hours is refused. */
  function isOver(method: MerchantMethodName, id: string): boolean {
    const transaction = book.find(id);
    return method === "CreateTransaction" && transaction !== undefined && isExpired(transaction, now());
  }

  async function sendAgain(method: MerchantMethodName, params: { readonly id: string }, first: MerchantResult) {
    const { id } = params;
    const before = book.changes(id);
    const { answer, isInjected } = await line.call(method, { ...params });
    if (isUndecided(answer) || isInjected || isOver(method, id)) return;
    if (before === undefined || book.changes(id) !== before) return;
    const [expected, actual] = [first, answer].map(contentOf);
    if (isDeepStrictEqual(expected, actual)) return;
    note({ kind: "repeat_differs", method, id, field: null, expected, actual });
  }

  return async (method, params, enter) => {
    const { id } = params;
    const before = book.changes(id);
    const sent = line.call(method, params).finally(() => book.end(id));
    const { answer: first } = await sent;
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
