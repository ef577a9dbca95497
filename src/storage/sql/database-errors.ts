import { isPaymeError, PaymeStorageError } from "../../kit/errors";

/** How deep drivers and ORMs wrap the error that tells what happened. */
const MAX_DEPTH = 6;
const WRAPPED_IN = ["cause", "meta", "driverAdapterError", "driverError", "originalError", "error"];

/** Run the transaction again: another one was in its way, and the database has undone it. (Prisma says P2034.) */
const RETRYABLE = new Set(["40001", "40P01", "P2034"]);

/**
 * The database is away or has no room just now: SQLSTATE classes 08, 53 and 57P, a lock or a statement that waited too
 * long; the codes of Node's sockets; Prisma's for no connection, no free one, and a transaction out of time;
 * the kinds of its adapter.
 */
const AWAY =
  /^(?:08\w{3}|53\w{3}|57P\d\d|57014|55P03|40001|40P01|25P03|E(?:CONN\w+|PIPE|HOSTUNREACH|TIMEDOUT|NETUNREACH|AI_AGAIN)|ENOTFOUND|P1001|P1002|P1008|P1017|P2024|P2028|P2034|ConnectionClosed|DatabaseNotReachable|SocketTimeout|TooManyConnections)$/;

/** What pg says without a code. */
const AWAY_MESSAGE =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Cannot use a pool after)/;

/** True for a deadlock or a serialisation failure: the same transaction may well succeed when it is run again. */
export function isRetryable(error: unknown): boolean {
  return codesOf(error).some((code) => RETRYABLE.has(code));
}

/**
 * An error as callers get it: where the database is away, out of connections or out of time, one STORAGE_BUSY, whatever the
 * driver or the ORM calls it. All else stays as it is.
 */
export function asStorageError(error: unknown): unknown {
  if (isPaymeError(error) || !isAway(error)) return error;
  return busy("the database is not available just now, or too busy", error);
}

/** The error for what can be tried again later. */
export function busy(message: string, cause?: unknown): PaymeStorageError {
  return new PaymeStorageError("STORAGE_BUSY", message, { hint: "Answer 503 and let the caller repeat.", cause });
}

function isAway(error: unknown): boolean {
  if (codesOf(error).some((code) => AWAY.test(code))) return true;
  return chain(error).some((each) => AWAY_MESSAGE.test(String(Reflect.get(each, "message"))));
}

/** The codes of an error and of those that it wraps. */
function codesOf(error: unknown): string[] {
  return chain(error)
    .flatMap((each) => [Reflect.get(each, "code"), Reflect.get(each, "originalCode"), Reflect.get(each, "kind")])
    .filter((code) => typeof code === "string");
}

function chain(error: unknown, depth = 0): object[] {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return [];
  return [error, ...WRAPPED_IN.flatMap((name) => chain(Reflect.get(error, name), depth + 1))];
}
