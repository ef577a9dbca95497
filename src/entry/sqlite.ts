export {
  type SqliteConnection,
  type SqliteDatabase,
  type SqliteHandle,
  type SqliteStatement,
  sqliteConnection,
} from "../storage/sqlite/driver";
export type { SqliteLimitOptions } from "../storage/sqlite/limits";
export { forDrizzle, forKysely } from "../storage/sqlite/orm-handles";
export { type SqliteBinding, sqliteSeam } from "../storage/sqlite/sqlite-seam";
export { type SqliteStorageOptions, sqliteStorage } from "../storage/sqlite/sqlite-storage";
