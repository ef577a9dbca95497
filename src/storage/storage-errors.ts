import { isPaymeError, PaymeConfigError, PaymeStorageError } from "../kit/errors";

/** How deep drivers and ORMs wrap the error of the database. */
const MAX_DEPTH = 6;
const WRAPPED_IN = ["cause", "meta", "driverAdapterError", "driverError", "originalError", "error"];

/** The database undid the transaction in favour of another one: run it again. P2034 is Prisma's. */
const RETRYABLE = new Set(["40001", "40P01", "P2034"]);

/**
 * The database is away or has no room: SQLSTATE classes 08, 53 and 57P; a lock or a statement that waited too long; codes of
 * Node's sockets; Prisma's codes for no connection, no free one, and a transaction out of time; the kinds of its adapter; SQLite's
 * codes for a file that is locked, away, full or broken.
 */
const AWAY =
  /^(?:08\w{3}|53\w{3}|57P\d\d|57014|55P03|40001|40P01|25P03|E(?:CONN\w+|PIPE|HOSTUNREACH|TIMEDOUT|NETUNREACH|AI_AGAIN)|ENOTFOUND|P1001|P1002|P1008|P1017|P2024|P2028|P2034|ConnectionClosed|DatabaseNotReachable|SocketTimeout|TooManyConnections|SQLITE_(?:BUSY|LOCKED|IOERR|CANTOPEN|FULL|CORRUPT|NOTADB|READONLY|PROTOCOL)\w*)$/;

/** SQLite's codes in the order of their numbers: node:sqlite gives the number, whose low byte is the kind. */
const SQLITE_CODES =
  "OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB".split(
    " ",
  );

/** The messages of the same kinds: the `exec` of Deno's node:sqlite gives no number. */
const SQLITE_MESSAGES = {
  "database is locked": "BUSY",
  "database table is locked": "LOCKED",
  "disk I/O error": "IOERR",
  "unable to open database file": "CANTOPEN",
  "database or disk is full": "FULL",
  "database disk image is malformed": "CORRUPT",
  "file is not a database": "NOTADB",
  "attempt to write a readonly database": "READONLY",
};

/** Messages of pg without a code. */
const AWAY_MESSAGE =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Cannot use a pool after)/;

/** True for a deadlock or a serialisation failure: the same transaction may succeed when it runs again. */
export function isRetryable(error: unknown): boolean {
  return codesOf(error).some((code) => RETRYABLE.has(code));
}

/**
 * Returns the error for the caller: STORAGE_BUSY where the database is away, out of connections or out of time, under any
 * driver or ORM; an error of ours that an ORM has wrapped. Other errors stay as they are.
 */
export function asStorageError(error: unknown): unknown {
  if (isPaymeError(error)) return error;
  const ours = chain(error).find((each) => each instanceof PaymeStorageError);
  if (ours !== undefined || !isAway(error)) return ours ?? error;
  return busy("the database is not available just now, or too busy", error);
}

/** Returns the error of a call that may succeed later. */
export function busy(message: string, cause?: unknown): PaymeStorageError {
  return new PaymeStorageError("STORAGE_BUSY", message, { hint: "Answer 503 and let the caller repeat.", cause });
}

/** Returns the code by which the database, the driver or the network says that it is away; null where there is none. */
export function awayCode(error: unknown): string | null {
  return codesOf(error).find((code) => AWAY.test(code)) ?? null;
}

function isAway(error: unknown): boolean {
  return (
    awayCode(error) !== null || chain(error).some((each) => AWAY_MESSAGE.test(String(Reflect.get(each, "message"))))
  );
}

/** Returns the codes of an error and of the errors that it wraps. */
function codesOf(error: unknown): string[] {
  return chain(error)
    .flatMap((each) => [...["code", "originalCode", "kind"].map((name) => Reflect.get(each, name)), sqliteCode(each)])
    .filter((code) => typeof code === "string");
}

function sqliteCode(error: object): string | undefined {
  const [number, code, message]: unknown[] = ["errcode", "code", "message"].map((name) => Reflect.get(error, name));
  if (typeof number === "number") return `SQLITE_${SQLITE_CODES[number & 0xff]}`;
  if (code !== "ERR_SQLITE_ERROR") return undefined;
  const [, kind] = Object.entries(SQLITE_MESSAGES).find(([text]) => String(message).startsWith(text)) ?? [];
  return kind && `SQLITE_${kind}`;
}

function chain(error: unknown, depth = 0): object[] {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return [];
  return [error, ...WRAPPED_IN.flatMap((name) => chain(Reflect.get(error, name), depth + 1))];
}

/** Returns the error of a driver, or of a handle of an ORM, on which the guarantees would not hold. */
export function unusable(what: string, cause?: unknown): PaymeConfigError {
  return new PaymeConfigError(`the books cannot be kept here: ${what}`, {
    hint: "For SQLite, sqliteStorage uses node:sqlite (Node 22.16), bun:sqlite or better-sqlite3 (npm install better-sqlite3; version 12 for Node 20), with forDrizzle(tx) or forKysely(tx) in hooks. The other storages take a Pool of pg, or an ORM over PostgreSQL whose client renames and changes no columns.",
    cause,
  });
}

/** Returns the error of a call through a transaction that has ended: it would write outside of it. */
export function hasEnded(): PaymeStorageError {
  return new PaymeStorageError("STORAGE_MISUSE", "this tx has ended: its transaction was committed or rolled back", {
    hint: "Await everything that a hook does with its tx.",
  });
}

/** True for PostgreSQL's refusal of a write, or of FOR UPDATE, in a READ ONLY transaction. */
export function isReadOnlyRefusal(error: unknown): boolean {
  return codesOf(error).includes("25006");
}

/** A limit to a wait. */
export interface TimeLimit {
  /** Rejects with STORAGE_BUSY when the time is over. Race it at once: an unhandled rejection ends the process. */
  readonly late: Promise<never>;
  /** Throws the same error once the time is over. */
  assertInTime(): void;
  /** Ends the wait, and the timer. */
  clear(): void;
}

/** Starts a limit. */
export function timeLimit(ms: number, message: string): TimeLimit {
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(busy(message));
    }, ms);
  });
  return {
    late,
    assertInTime() {
      if (isLate) throw busy(message);
    },
    clear: () => clearTimeout(timer),
  };
}

/** Waits for work, no longer than `ms`. The work itself goes on. */
export function within<R>(ms: number, work: Promise<R>, message: string): Promise<R> {
  // By hand: a race costs several promises more, and each transaction has a limit.
  return new Promise<R>((resolve, reject) => {
    const timer = setTimeout(() => reject(busy(message)), ms);
    Promise.resolve(work).then(
      (result) => {
        clearTimeout(timer);
        resolve(result);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
