import { sqliteStorage } from "../../../src/entry/sqlite";
import { serveStorageSuite } from "../../../src/entry/testing";
import { insideMutex } from "./mutex";
import { openUnguarded } from "./unguarded";

serveStorageSuite(insideMutex(sqliteStorage({ file: process.argv[2] ?? "", open: openUnguarded })));
