export {
  type KyselyDatabase,
  type KyselyHandle,
  type KyselyStorageOptions,
  kyselyStorage,
} from "../storage/kysely/kysely-storage";
