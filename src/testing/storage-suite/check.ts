import { inspect } from "node:util";
import { isPaymeError, type PaymeErrorCode } from "../../kit/errors";
import type { Outcome } from "../../ledger";

/** A case of the storage suite failed. */
export class StorageSuiteFailure extends Error {
  override readonly name = "StorageSuiteFailure";
  /** Runners use these two to print the difference. */
  readonly actual: unknown;
  readonly expected: unknown;

  /** @param cause the error that a call threw. */
  constructor(what: string, actual: unknown, expected: unknown, cause?: unknown) {
    const message = `${what}: expected ${inspect(expected, { depth: 6 })}, found ${inspect(actual, { depth: 6 })}`;
    super(message, cause === undefined ? undefined : { cause });
    this.actual = actual;
    this.expected = expected;
  }
}

/** Throws unless both are deeply equal. Prototypes do not count: some runners have their own globals. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (!isEqual(actual, expected)) throw new StorageSuiteFailure(what, actual, expected);
}

/** Throws unless the object has equal members of these names. It may have more. */
export function includes(actual: object | undefined, expected: object, what: string): void {
  const found = Object.fromEntries(
    Object.keys(expected).map((name) => [name, actual === undefined ? undefined : Reflect.get(actual, name)]),
  );
  equal(found, expected, what);
}

/** Throws unless the promise soon rejects with this code. A call that hangs is as wrong as one that succeeds. */
export async function refused(call: Promise<unknown>, code: PaymeErrorCode, what: string): Promise<void> {
  const ended = await within(
    1_000,
    call.then(
      () => "the call succeeded",
      (error: unknown) => (isPaymeError(error) ? error.code : error),
    ),
  );
  equal(ended, code, what);
}

/** Turns a throw into a rejection: both are refusals. */
export async function called(call: () => Promise<unknown>): Promise<unknown> {
  return call();
}

/** Returns the result of the promise, or `"nothing yet"` after the time. */
export async function within<R>(ms: number, promise: Promise<R>): Promise<R | "nothing yet"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"nothing yet">((resolve) => {
    timer = setTimeout(() => resolve("nothing yet"), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the row of an outcome. Throws for an outcome without a row. */
export function rowOf<Row>(outcome: Outcome<Row>): Row {
  if (outcome.outcome === "not_found") throw new StorageSuiteFailure("the outcome", outcome, "one with a row");
  return outcome.row;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && isEqual(Reflect.get(a, name), Reflect.get(b, name)));
}
