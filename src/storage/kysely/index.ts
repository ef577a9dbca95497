export { type KyselyDatabase, type KyselyHandle, type KyselyStorageOptions, kyselyStorage } from "./kysely-storage";
