/** A value, or a promise of it. */
export type Eventual<Value> = Value | PromiseLike<Value>;

/** Goes on with a value: at once, or once its promise has one. */
export function after<Value, Next>(value: Eventual<Value>, go: (value: Value) => Eventual<Next>): Eventual<Next> {
  return isThenable(value) ? value.then(go) : go(value);
}

/**
 * True for a promise of any library, and for a query that runs when it is awaited. Use it to await promises only: an
 * unneeded await costs as much as a call of the memory storage.
 */
export function isThenable<Value>(value: Eventual<Value>): value is PromiseLike<Value> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    "then" in value &&
    typeof value.then === "function"
  );
}
