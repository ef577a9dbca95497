export type {
  PostgresClient,
  PostgresHandle,
  PostgresPool,
  PostgresQueries,
  PostgresResult,
  PostgresStatement,
} from "../storage/postgres/driver";
export { type PostgresStorageOptions, postgresStorage } from "../storage/postgres/postgres-storage";
