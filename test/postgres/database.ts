import pg from "pg";
import { describe, inject } from "vitest";

const source = inject("postgres");

/** False where this machine has no PostgreSQL. */
export const hasPostgres = "url" in source;

/** `describe` for tests that need PostgreSQL: skipped, with the reason in the report, where there is none. */
export function describeOnPostgres(title: string, define: () => void | Promise<void>): void {
  if ("missing" in source) describe.skip(`${title} (skipped: ${source.missing})`, define);
  else describe(title, define);
}

let database: Promise<string> | undefined;

/** The URL of the database of this test file, made when it is first asked for. */
export function databaseUrl(): Promise<string> {
  database ??= newDatabase();
  return database;
}

/** The URL of an empty database that nobody else has. */
export async function newDatabase(): Promise<string> {
  if ("missing" in source) throw new Error(source.missing);
  const response = await fetch(source.url, { method: "POST" });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

/** A pool on a database. Whoever opens it ends it. */
export function openPool(url: string, options: pg.PoolConfig = {}): pg.Pool {
  return new pg.Pool({ connectionString: url, max: 10, ...options });
}

let schemas = 0;

/** A name for a schema that no other test of this file has. */
export function newSchema(): string {
  schemas += 1;
  return `case_${schemas}`;
}
