export { type CompiledStatement, compile } from "./compile";
export type { Dialect, Executor, SqlRow, SqlSeam, SqlStorage, SqlValue, TransactionOptions } from "./executor";
export { type Migration, type Migrations, migrate } from "./migrations";
export { integer, nullable, sqlTime, text } from "./rows";
export { type SqlStorageOptions, sqlStorage } from "./sql-storage";
export { DEFAULT_TABLES, indexName, named, quoted, type TableNames } from "./tables";
