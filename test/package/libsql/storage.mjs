// The recipe of docs/storage.md.
import { rowsIn, sqlStorage } from "payme-kit/adapter";
import { sqliteSeam } from "payme-kit/sqlite";

export function libsqlStorage(client) {
  return sqlStorage(
    sqliteSeam({
      query: async (sql, args) => rowsIn((await client.execute({ sql, args: [...args] })).rows),
      queryIn: async (tx, sql, args) => rowsIn((await tx.execute({ sql, args: [...args] })).rows),
      async transaction(work, mode) {
        const tx = await client.transaction("deferred");
        try {
          // Not transaction("write"): a BEGIN that it was refused stays half done, and that connection commits nothing more.
          if (mode === "write") await tx.executeMultiple("COMMIT; BEGIN IMMEDIATE");
          const result = await work(tx);
          await tx.commit();
          return result;
        } finally {
          tx.close();
        }
      },
    }),
  );
}
