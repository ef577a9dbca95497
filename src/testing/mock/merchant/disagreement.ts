/** A difference between Payme's books and a merchant's, or a mistake in an endpoint's answer. */
export interface Disagreement {
  /**
   * - `repeat_differs`: Create, Perform or Cancel was sent twice, and the second answer differed
   * - `wrong_result`: a result or an error is not as documented (`field` says where)
   * - `books_differ`: the merchant contradicts what it said before about a transaction (`field` says where)
   * - `missing_at_merchant`: Payme has the transaction, the merchant's statement does not
   * - `unknown_to_payme`: the merchant's statement has the transaction, Payme does not
   * - `wrong_statement`: a statement is out of order or out of its period
   * - `http_status`: the HTTP status was not 200
   * - `malformed_answer`: the answer is not JSON-RPC, or has another call's id
   * - `not_notified`: no delivery of a notification was answered with 200
   */
  readonly kind:
    | "repeat_differs"
    | "wrong_result"
    | "books_differ"
    | "missing_at_merchant"
    | "unknown_to_payme"
    | "wrong_statement"
    | "http_status"
    | "malformed_answer"
    | "not_notified";
  /** The call that showed it. */
  readonly method: string;
  /** Payme's id of the transaction; null where the disagreement is about none. */
  readonly id: string | null;
  readonly field: string | null;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Notes a disagreement. */
export type NoteDisagreement = (disagreement: Disagreement) => void;
