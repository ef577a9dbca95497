import { postgresStorage } from "payme-kit/postgres";
import { Pool } from "pg";

/** Connects when it is first asked: a build needs no database. */
export const pool = new Pool({ connectionString: process.env.DATABASE_URL });

/** The books, beside the shop's tables. */
export const storage = postgresStorage(pool);
