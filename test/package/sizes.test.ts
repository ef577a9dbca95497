import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entries } from "../../scripts/entries.mjs";
import { makeProject, pack, type Tarball } from "./projects";

/** What a bundle of these names may weigh with ky and zod inside: minified, gzip -9, in kB of 1,000 bytes. */
const LIMITS: readonly (readonly [names: string, from: string, limitKb: number])[] = [
  ["som", "payme-kit", 1.6],
  ["checkoutUrl", "payme-kit", 2.6],
  ["signPayload, verifySignature", "payme-kit", 4.2],
  ["parseWebhook", "payme-kit", 6],
  ["parseWebhook", "payme-kit/gateway", 5],
  ["createMerchantApi", "payme-kit/merchant", 17.3],
  ["createPaymeClient", "payme-kit", 33],
  ["createPaymeClient", "payme-kit/client", 33],
  ["createCardClient", "payme-kit/client/browser", 27],
];

const WITHOUT_ZOD = [
  ...["checkout", "checkout/qr", "merchant", "gateway", "sqlite", "postgres", "prisma", "drizzle", "kysely"],
  ...["express", "fastify", "node", "fetch", "adapter"],
];

const work = mkdtempSync(join(tmpdir(), "payme-kit-sizes-"));
const project = join(work, "project");
let tarball: Tarball;

beforeAll(() => {
  tarball = pack(work);
  makeProject(project, "module", [tarball.file]);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

async function bundle(contents: string, external: string[] = []) {
  const result = await build({
    stdin: { contents, resolveDir: project },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    external,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const imports = Object.values(result.metafile.outputs).flatMap((file) => file.imports.map(({ path }) => path));
  return { code: result.outputFiles[0]?.contents ?? new Uint8Array(), imports };
}

describe("a bundle stays light", () => {
  const rows: string[] = [];
  afterAll(() => {
    process.stdout.write(`\n${["name, from, kB of at most kB", ...rows].join("\n")}\n\n`);
  });

  it.each(LIMITS)("%s from %s: at most %d kB", async (names, from, limitKb) => {
    const { code } = await bundle(`export { ${names} } from "${from}";`);
    const sizeKb = gzipSync(code, { level: 9 }).length / 1_000;
    rows.push(`${names}, ${from}: ${sizeKb.toFixed(1)} of ${limitKb}`);
    expect(sizeKb).toBeGreaterThan(0.1);
    expect(sizeKb).toBeLessThanOrEqual(limitKb);
  });
});

describe("an entry that needs no zod imports none", () => {
  const importsOf = async (contents: string) => (await bundle(contents, ["zod", "zod/*"])).imports;
  const zodOf = async (contents: string) => (await importsOf(contents)).filter((path) => /^zod(\/|$)/.test(path));

  it.each(WITHOUT_ZOD)("payme-kit/%s", async (entry) => {
    expect(await zodOf(`import * as all from "payme-kit/${entry}"; console.log(all);`)).toEqual([]);
    expect(await zodOf(`console.log(require("payme-kit/${entry}"));`)).toEqual([]);
  });

  it("and the client imports zod/mini alone: so the look is not blind", async () => {
    const imports = await zodOf('import * as all from "payme-kit/client"; console.log(all);');
    expect([...new Set(imports)]).toEqual(["zod/mini"]);
  });
});

describe("the tarball", () => {
  const names = () =>
    execFileSync("tar", ["-tzf", tarball.file], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((path) => path.replace(/^package\//, ""));

  it("is at most 4.75 MB when it is unpacked, and has no source maps", () => {
    expect(tarball.unpackedSize).toBeLessThanOrEqual(4_750_000);
    expect(names().filter((name) => name.endsWith(".map"))).toEqual([]);
  });

  it("names its files alike in each build: entries, and chunks with a number", () => {
    const stems = entries.map(({ name }) => name);
    const isNamed = (stem: string) => stems.includes(stem) || /^(cli\/)?(chunk|types)-\d+$|^cli\/[a-z-]+$/.test(stem);
    const built = names().flatMap((name) => /^dist\/(.*?)\.(?:js|cjs|d\.ts|d\.cts)$/.exec(name)?.[1] ?? []);
    expect(built.length).toBeGreaterThan(stems.length * 4);
    expect(built.filter((stem) => !isNamed(stem))).toEqual([]);
  });
});
