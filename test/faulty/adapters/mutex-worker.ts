import { sqliteStorage } from "../../../src/storage/sqlite";
import { serveStorageSuite } from "../../../src/testing";
import { insideMutex } from "./mutex";
import { openUnguarded } from "./unguarded";

serveStorageSuite(insideMutex(sqliteStorage({ file: process.argv[2] ?? "", open: openUnguarded })));
