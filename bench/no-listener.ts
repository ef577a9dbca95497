import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { compare, print } from "./compare";
import { openShop, PAYMENTS_PER_SHOP, pay } from "./merchant-in-process";

/** What events are made of, taken out. */
const STUBS: Readonly<Record<string, string>> = {
  "kit/trace.ts": "export const currentTrace = () => undefined; export const traced = (_hasListener, work) => work();",
  "kit/emit.ts": "export const emit = () => {}; export const callSafely = (call) => void call();",
  "ledger/book-event.ts": "export const bookEventsOf = () => []; export const adminEvent = () => [];",
};

const withoutEvents: Plugin = {
  name: "without-events",
  setup({ onLoad }) {
    onLoad({ filter: /src[/\\](kit|ledger)[/\\](trace|emit|book-event)\.ts$/ }, ({ path }) => ({
      contents: STUBS[path.split(/[/\\]/).slice(-2).join("/")] ?? "",
    }));
  },
};

/** Create and Perform over memory without a listener, beside the same code built without events. */
export async function benchNoListener(): Promise<void> {
  const folder = mkdtempSync(fileURLToPath(new URL("../node_modules/.bench-", import.meta.url)));
  try {
    const [floor, ours] = [await sideOf(folder, "without.mjs", [withoutEvents]), await sideOf(folder, "with.mjs", [])];
    print("Create + Perform without a listener, beside code without events", ">= 0.98", await compare(floor, ours));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sideOf(folder: string, name: string, plugins: Plugin[]) {
  const outfile = join(folder, name);
  const entry = fileURLToPath(new URL("../src/entry/index.ts", import.meta.url));
  const node = { bundle: true, platform: "node", format: "esm", packages: "external" } as const;
  await build({ ...node, entryPoints: [entry], outfile, plugins });
  const library: Parameters<typeof openShop>[0] = await import(pathToFileURL(outfile).href);
  let [shop, next] = [openShop(library), 0];
  return async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      if (next % PAYMENTS_PER_SHOP === 0) shop = openShop(library);
      await pay(shop, next++);
    }
  };
}
