// Serves the modules of a folder in workerd, by miniflare.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [miniflare, folder, ...compatibilityFlags] = process.argv.slice(2);
const { Miniflare } = await import(pathToFileURL(miniflare));
const moduleOf = (path) => ({ type: "ESModule", path, contents: readFileSync(join(folder, path), "utf8") });
const others = readdirSync(folder).filter((name) => name !== "worker-main.mjs");
const server = new Miniflare({
  modules: ["worker-main.mjs", ...others].map(moduleOf),
  compatibilityDate: "2026-01-01",
  compatibilityFlags,
  bindings: { PAYME_KEY: process.env.PAYME_KEY },
  host: "127.0.0.1",
  port: 0,
});
const { origin } = await server.ready;
console.log(JSON.stringify({ url: origin }));
process.once("SIGTERM", () => server.dispose().finally(() => process.exit()));
