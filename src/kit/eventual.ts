/** What may be there at once, or later. */
export type Eventual<Value> = Value | PromiseLike<Value>;

/**
 * True for a promise of any library, and for a query that runs when it is awaited. To await what is there already costs
 * as much as a call of memory's storage does.
 */
export function isThenable<Value>(value: Eventual<Value>): value is PromiseLike<Value> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    "then" in value &&
    typeof value.then === "function"
  );
}
