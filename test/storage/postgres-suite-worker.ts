import pg from "pg";
import * as z from "zod";
import { postgresStorage } from "../../src/entry/postgres";
import { serveStorageSuite } from "../../src/entry/testing";

/** The second process of the suite's races on PostgreSQL. */
const [connectionString = "", schema = "", tables = "{}"] = process.argv.slice(2);
const options = { schema, tables: z.record(z.string(), z.string()).parse(JSON.parse(tables)) };
serveStorageSuite(postgresStorage(new pg.Pool({ connectionString }), options));
