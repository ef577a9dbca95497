export { asTemplate, rowsIn } from "./as-template";
export { type CompiledStatement, compile } from "./compile";
export type { Dialect, Executor, SqlRow, SqlSeam, SqlStorage, SqlValue, TransactionOptions } from "./executor";
export { type Migration, type Migrations, migrate } from "./migrations";
export { type PostgresBinding, type PostgresSeamOptions, postgresSeam } from "./postgres-seam";
export { integer, nullable, sqlTime, text } from "./rows";
export { type SqlStorageOptions, sqlStorage } from "./sql-storage";
export { DEFAULT_TABLES, indexName, named, quoted, type TableNames } from "./tables";
