export type { PostgresClient, PostgresHandle, PostgresPool, PostgresResult, PostgresStatement } from "./driver";
export { type PostgresStorageOptions, postgresStorage } from "./postgres-storage";
