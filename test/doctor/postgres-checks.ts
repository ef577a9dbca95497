/** The checks that look at PostgreSQL only. */
export const POSTGRES_CHECKS = ["clock.database", "database.fsync", "database.synchronous-commit"];
