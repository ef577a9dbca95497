import { PaymeStorageError } from "../../kit/errors";
import type { LastStep } from "../../ledger";
import { rowsIn, type SqlRow, type SqlValue } from "../sql/executor";
import { isWeakCommit } from "../sql/postgres-seam";
import { hasEnded, within } from "../storage-errors";
import type { PostgresClient, PostgresResult, PostgresStatement } from "./driver";

/** The kind of a transaction, and its limits. */
export interface TransactionTerms {
  readonly access: "READ WRITE" | "READ ONLY";
  /** How long BEGIN may take to be answered. */
  readonly acquireTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly timeoutMs: number;
}

export type OpenTransaction = ReturnType<typeof openTransaction>;

export const NO_ANSWER = "the database does not answer";
/** How long a rollback may take. Then the connection is closed, and the server rolls back by itself. */
const ROLLBACK_TIMEOUT_MS = 1_000;

/** Opens a transaction on a lent connection. Nothing is sent before its first statement. `ask` runs one by itself. */
export function openTransaction(
  client: PostgresClient,
  terms: TransactionTerms,
  ask: (client: PostgresClient, sql: string, params: readonly SqlValue[]) => Promise<readonly SqlRow[]>,
) {
  // What only reads has nothing that a commit could lose.
  const weakness = () => (terms.access === "READ ONLY" ? false : weak.get(client));
  let isOpen = true;
  let isBegun = false;
  let isCommitted = false;
  /** The message with BEGIN, once that is sent. */
  let beginning: Promise<void> | undefined;

  function assertOpen(): void {
    if (!isOpen) throw hasEnded();
    if (isBegun && client.getTransactionStatus?.() === "I") throw endedInside();
  }

  /** Sends statements in one message, the first time after BEGIN. Returns their results. */
  async function send(...statements: string[]): Promise<unknown[]> {
    const isWeak = weakness();
    const begin = beginning === undefined ? beginWith(terms, isWeak) : [];
    const sent: Promise<unknown> = client.query([...begin, ...statements].join("; "));
    if (beginning === undefined) {
      beginning = sent.then(() => {
        isBegun = true;
      });
      // Whoever waits for it gets the error.
      beginning.catch(() => {});
    }
    const answer = await sent;
    // pg answers several statements with a list of results.
    const results: unknown[] = Array.isArray(answer) ? answer : [answer];
    if (begin.length > 0 && isWeak === undefined) {
      const isFoundWeak = isWeakCommit(rowsIn(results[begin.length - 1])[0]?.synchronous_commit);
      if (isFoundWeak) await client.query(DURABLE);
      weak.set(client, isFoundWeak);
    }
    return results.slice(begin.length);
  }

  async function begin(): Promise<void> {
    await (beginning ?? within(terms.acquireTimeoutMs, send(), NO_ANSWER));
    assertOpen();
  }

  function query<Row>(text: string, values?: unknown[]): Promise<PostgresResult<Row>>;
  function query<Row>(statement: PostgresStatement): Promise<PostgresResult<Row>>;
  async function query(statement: string | PostgresStatement, values?: unknown[]): Promise<PostgresResult<unknown>> {
    assertOpen();
    const bare = () => (typeof statement === "string" ? client.query(statement, values) : client.query(statement));
    if (isBegun) return bare();
    const begun = begin();
    if (mayFollowUnanswered(client, statement)) return (await Promise.all([begun, bare()]))[1];
    await begun;
    return bare();
  }

  return {
    /** What hooks get. A later use throws, instead of writing outside of the transaction. */
    handle: { query },

    /** Runs a statement of ours: the first one in one message with BEGIN, the last one with COMMIT. */
    async run(sql: string, params: readonly SqlValue[], last?: LastStep): Promise<readonly SqlRow[]> {
      assertOpen();
      if (!isBegun && beginning !== undefined) await begin();
      // Not before it is known that the commit is durable.
      const ends = last !== undefined && weakness() !== undefined;
      if (isBegun && !ends) return ask(client, sql, params);
      if (ends) isOpen = false;
      const [result, committed] = await send(inlineValues(sql, params), ...(ends ? ["COMMIT"] : []));
      if (ends) assertCommitted(committed);
      isCommitted = ends;
      return rowsIn(result);
    },

    /** Ends the handle, and commits what is not committed. */
    async commit(): Promise<void> {
      if (beginning !== undefined && !isCommitted) {
        assertOpen();
        isOpen = false;
        assertCommitted(await within(terms.timeoutMs, client.query("COMMIT"), NO_ANSWER));
      }
      isOpen = false;
    },

    /** Ends the handle, and rolls back. False: the connection is broken. */
    async rollBack(): Promise<boolean> {
      isOpen = false;
      if (isCommitted || beginning === undefined) return true;
      return within(ROLLBACK_TIMEOUT_MS, client.query("ROLLBACK"), NO_ANSWER).then(
        () => true,
        () => false,
      );
    },
  };
}

/**
 * True where the first statement of the host may be sent before BEGIN is answered: a client that sends without waiting, and a
 * statement that only reads. Where BEGIN fails, any other one would write outside of a transaction.
 */
function mayFollowUnanswered({ pipeline }: PostgresClient, statement: string | PostgresStatement): boolean {
  return pipeline === true && /^\s*SELECT\b/i.test(typeof statement === "string" ? statement : statement.text);
}

/**
 * Writes the values into a statement, so that it can go to the database in one message with BEGIN or COMMIT: such a message has
 * no parameters. Only letters, digits and `_ . : , -` stand there as they are; any other text goes in as hexadecimal digits.
 */
function inlineValues(sql: string, params: readonly SqlValue[]): string {
  return sql.replace(/\$(\d+)/g, (_placeholder, number: string) => literal(params[Number(number) - 1] ?? null));
}

function literal(value: SqlValue): string {
  if (value === null) return "NULL";
  const text = String(value);
  if (/^[\w.:,-]*$/.test(text)) return `'${text}'`;
  return `convert_from(decode('${Buffer.from(text).toString("hex")}', 'hex'), 'UTF8')`;
}

/** The connections that were asked for their `synchronous_commit`, and whether a commit can be lost under it. */
const weak = new WeakMap<PostgresClient, boolean>();

const DURABLE = "SET LOCAL synchronous_commit = on";

/**
 * Begins independent of the host's defaults. A connection is asked for its `synchronous_commit` with its first BEGIN; only where
 * that is too weak do transactions carry one setting more. The limits make the server end a statement that we stopped waiting
 * for: it does not notice a closed connection while a statement runs, and the statement would hold its rows.
 */
function beginWith({ access, lockTimeoutMs, timeoutMs }: TransactionTerms, isWeak: boolean | undefined): string[] {
  const begin = [
    `BEGIN ISOLATION LEVEL READ COMMITTED ${access}`,
    `SET LOCAL lock_timeout = ${Math.min(lockTimeoutMs, timeoutMs)}`,
    `SET LOCAL statement_timeout = ${timeoutMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs}`,
  ];
  if (isWeak === false) return begin;
  return [...begin, isWeak ? DURABLE : "SHOW synchronous_commit"];
}

/** After a failed statement, PostgreSQL answers COMMIT with a silent ROLLBACK: goods would be given and no payment recorded. */
function assertCommitted(result: unknown): void {
  if (typeof result === "object" && result !== null && "command" in result && result.command === "COMMIT") return;
  throw new PaymeStorageError("STORAGE_MISUSE", "a statement of this transaction had failed: it was rolled back", {
    hint: "Let errors of statements leave the hook; to go on after one, use a SAVEPOINT.",
  });
}

function endedInside(): PaymeStorageError {
  return new PaymeStorageError("STORAGE_MISUSE", "a statement has ended this transaction", {
    hint: "Use neither COMMIT nor ROLLBACK in a hook.",
  });
}
