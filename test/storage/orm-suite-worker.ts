import { serveStorageSuite } from "../../src/entry/testing";
import type { Storage } from "../../src/ledger";
import { adapters, isAdapterName } from "./postgres-adapters";

/** The second process of the suite's races, over the same ORM. */
const [name, url = "", schema = ""] = process.argv.slice(2);
if (!isAdapterName(name)) throw new Error(`no adapter ${name}`);
const storage: Storage<unknown> = (await adapters[name]({ url, schema })).storage;
serveStorageSuite(storage);
