export type { SqliteDatabase, SqliteHandle, SqliteStatement } from "./driver";
export { type SqliteStorageOptions, sqliteStorage } from "./sqlite-storage";
