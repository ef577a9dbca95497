import { timeLimit } from "../sql/storage-errors";
import type { PostgresClient, PostgresPool } from "./driver";

/** A connection for a while. */
export interface LentClient {
  readonly client: PostgresClient;
  /** Gives it back to the pool; one that is broken is closed instead. */
  giveBack(isBroken: boolean): void;
}

/**
 * Takes a connection from the pool, waiting no longer than this.
 *
 * @throws PaymeStorageError STORAGE_BUSY when none comes free in time; one that comes later goes straight back.
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

/** Listens to the connection from the moment at which the pool no longer does: its server may be gone in the same breath. */
function lend(pool: PostgresPool): Promise<LentClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (client === undefined) reject(error);
      else resolve(lent(client));
    });
  });
}

function lent(client: PostgresClient): LentClient {
  // A connection that is lost between two statements tells it by an event, which would end a process that does not listen.
  let lost: Error | undefined;
  const onError = (error: Error) => {
    lost = error;
  };
  client.on("error", onError);
  return {
    client,
    giveBack(isBroken) {
      // pg closes a lost connection by itself, but only once it is told.
      client.release(isBroken || lost !== undefined);
      // Not before: from here on the pool listens.
      client.removeListener("error", onError);
    },
  };
}
