/** What Payme's side found wrong with a merchant's endpoint. */
export interface Disagreement {
  /**
   * - `repeat_differs`: Create, Perform or Cancel was sent twice, and the second answer was another one
   * - `wrong_result`: a result or an error that is not as documented (`field` says where)
   * - `books_differ`: the merchant's word about a transaction is not what it said before (`field` says in what)
   * - `missing_at_merchant`: Payme has the transaction, the merchant's statement has not
   * - `unknown_to_payme`: the other way round
   * - `wrong_statement`: a statement that is out of order or out of its period
   * - `http_status`: another status than 200
   * - `malformed_answer`: no JSON-RPC, or with another call's id
   * - `not_notified`: nobody has acknowledged a notification with 200
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
  /** Payme's id of the transaction, where it is about one. */
  readonly id: string | null;
  readonly field: string | null;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Where disagreements are noted. */
export type NoteDisagreement = (disagreement: Disagreement) => void;
