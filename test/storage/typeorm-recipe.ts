import { type PostgresSeamOptions, postgresSeam, rowsIn, sqlStorage } from "payme-kit/adapter";
import type { DataSource, EntityManager } from "typeorm";

/** Keeps the books in PostgreSQL through TypeORM. Hooks get the transaction's EntityManager. */
export function typeormStorage(dataSource: DataSource, options: PostgresSeamOptions = {}) {
  const seam = postgresSeam<EntityManager>(
    {
      query: async (sql, params) => rowsOf(await dataSource.query(sql, [...params])),
      queryIn: async (manager, sql, params) => rowsOf(await manager.query(sql, [...params])),
      transaction: (work) => dataSource.transaction("READ COMMITTED", work),
    },
    options,
  );
  return sqlStorage(seam);
}

/** TypeORM gives `[rows, count]` for UPDATE and DELETE, and the rows alone for all else. */
function rowsOf(result: unknown) {
  return rowsIn(Array.isArray(result) && Array.isArray(result[0]) ? result[0] : result);
}
