export {
  type DrizzleDatabase,
  type DrizzleHandle,
  type DrizzleStorageOptions,
  drizzleStorage,
} from "./drizzle-storage";
