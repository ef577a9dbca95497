import pg from "pg";

/**
 * A pool on a cluster of the bench. The cluster may stop before the last connection has closed (57P01): nobody waits for
 * such a connection, so its error is no failure. A query that is running still fails by itself.
 */
export function openPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}
