import * as z from "zod";
import { sqliteStorage } from "../../src/entry/sqlite";
import { serveStorageSuite } from "../../src/entry/testing";

/** The second process of the suite's races on an SQLite file. */
const [file = "", tables = "{}"] = process.argv.slice(2);
serveStorageSuite(sqliteStorage({ file, tables: z.record(z.string(), z.string()).parse(JSON.parse(tables)) }));
