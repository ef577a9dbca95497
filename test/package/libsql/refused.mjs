// Databases and drivers on which the guarantees would not hold: what each is told at the first call.
import { createClient } from "@libsql/client";
import { rowsIn, sqlStorage } from "payme-kit/adapter";
import { sqliteSeam } from "payme-kit/sqlite";
import { libsqlStorage } from "./storage.mjs";

const url = `file:${process.argv[2]}`;

/** The recipe with a mistake: its BEGIN, or where statements go after the end. */
function mistaken({ begin = "deferred", first = "SELECT 1", goesOn = false }) {
  const client = createClient({ url });
  const rows = async (target, sql, args) => rowsIn((await target.execute({ sql, args: [...args] })).rows);
  const seam = sqliteSeam({
    query: (sql, args) => rows(client, sql, args),
    queryIn: (tx, sql, args) => rows(goesOn && tx.closed ? client : tx, sql, args),
    async transaction(work, mode) {
      const tx = await client.transaction(begin);
      try {
        if (mode === "write") await tx.executeMultiple(first);
        const result = await work(tx);
        await tx.commit();
        return result;
      } finally {
        tx.close();
      }
    },
  });
  return sqlStorage(seam);
}

const told = {};
for (const [name, storage] of Object.entries({
  memory: libsqlStorage(createClient({ url: ":memory:" })),
  "one connection": libsqlStorage(createClient({ url, concurrency: 1 })),
  "locks nothing": mistaken({}),
  "a refused BEGIN stays": mistaken({ begin: "write" }),
  "goes on after its end": mistaken({ first: "COMMIT; BEGIN IMMEDIATE", goesOn: true }),
  "does not wait for the disk": mistaken({ first: "COMMIT; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE" }),
})) {
  told[name] = await storage.migrate().then(
    () => "taken",
    (error) => `${error.name}: ${error.message}`,
  );
}
console.log(JSON.stringify(told));
