export {
  type DrizzleDatabase,
  type DrizzleHandle,
  type DrizzleStorageOptions,
  drizzleStorage,
} from "../storage/drizzle/drizzle-storage";
