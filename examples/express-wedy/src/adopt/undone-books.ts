import { type Executor, quoted, type SqlStorage, text } from "payme-kit/adapter";

/** Puts our tables aside under another name, with all that is in them. Returns the name. */
export async function putAside({ sql }: SqlStorage<unknown>, executor: Executor): Promise<string> {
  return sql.dialect === "postgres" ? schemaAside(executor, sql.schema ?? "payme") : tablesAside(executor);
}

async function schemaAside(executor: Executor, schema: string): Promise<string> {
  const rows = await executor.execute("SELECT nspname::text AS name FROM pg_namespace", []);
  const name = freeName(
    `${schema}_undone_`,
    rows.map((row) => text(row.name)),
  );
  await executor.execute(`ALTER SCHEMA ${quoted(schema)} RENAME TO ${quoted(name)}`, []);
  return `the schema ${name}`;
}

async function tablesAside(executor: Executor): Promise<string> {
  const rows = await executor.execute("SELECT type, name, sql, tbl_name FROM sqlite_master", []);
  const names = rows.map((row) => text(row.name));
  const prefix = freeName(
    "undone_",
    names.map((name) => name.replace(/_payme_.*$/, "")),
  );
  const ours = rows.filter((row) => text(row.tbl_name).startsWith("payme_"));
  for (const type of ["trigger", "index"]) {
    // The index of a key was made with its table, and goes with it.
    const made = ours.filter((row) => row.type === type && row.sql !== null);
    for (const { name } of made) await executor.execute(`DROP ${type} ${quoted(text(name))}`, []);
  }
  for (const { name } of ours.filter((row) => row.type === "table")) {
    await executor.execute(`ALTER TABLE ${quoted(text(name))} RENAME TO ${quoted(`${prefix}_${text(name)}`)}`, []);
  }
  return `the tables ${prefix}_payme_*`;
}

function freeName(base: string, taken: readonly string[]): string {
  let number = 1;
  while (taken.includes(`${base}${number}`)) number += 1;
  return `${base}${number}`;
}
