import { timeLimit } from "../storage-errors";
import type { PostgresClient, PostgresPool } from "./driver";

/** A connection that the pool has lent. */
export interface LentClient {
  readonly client: PostgresClient;
  /** Returns the connection to the pool; a broken one is closed instead. */
  giveBack(isBroken: boolean): void;
}

/**
 * Takes a connection from the pool, and waits no longer than `timeoutMs`.
 *
 * @throws PaymeStorageError STORAGE_BUSY when none comes free in time. A later one goes straight back.
 */
export async function lendClient(pool: PostgresPool, timeoutMs: number): Promise<LentClient> {
  const limit = timeLimit(timeoutMs, `no connection of the pool came free within ${timeoutMs} ms`);
  const lending = lend(pool);
  let isWaiting = true;
  lending.then(
    ({ giveBack }) => {
      if (!isWaiting) giveBack(false);
    },
    () => {},
  );
  try {
    return await Promise.race([lending, limit.late]);
  } catch (error) {
    isWaiting = false;
    throw error;
  } finally {
    limit.clear();
  }
}

/** Listens to the connection from the moment at which the pool stops: its server may fail at once. */
function lend(pool: PostgresPool): Promise<LentClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (client === undefined) reject(error);
      else resolve(lent(client));
    });
  });
}

function lent(client: PostgresClient): LentClient {
  // A connection that is lost between two statements emits an error event. Without a listener it would end the process.
  let lost: Error | undefined;
  const onError = (error: Error) => {
    lost = error;
  };
  client.on("error", onError);
  return {
    client,
    giveBack(isBroken) {
      // pg closes a lost connection only when it is told.
      client.release(isBroken || lost !== undefined);
      // Only now: from here on the pool listens.
      client.removeListener("error", onError);
    },
  };
}
