export type { SqliteDatabase, SqliteHandle, SqliteStatement } from "../storage/sqlite/driver";
export { type SqliteStorageOptions, sqliteStorage } from "../storage/sqlite/sqlite-storage";
