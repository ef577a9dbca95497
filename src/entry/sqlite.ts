export {
  type SqliteConnection,
  type SqliteDatabase,
  type SqliteHandle,
  type SqliteStatement,
  sqliteConnection,
} from "../storage/sqlite/driver";
export { forDrizzle, forKysely } from "../storage/sqlite/orm-handles";
export { type SqliteStorageOptions, sqliteStorage } from "../storage/sqlite/sqlite-storage";
