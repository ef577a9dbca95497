import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entries } from "../../scripts/entries.mjs";
import { EXAMPLES } from "../../src/tools/init/examples";
import { makeProject, node, output, pack, root } from "./projects";

const work = mkdtempSync(join(tmpdir(), "payme-kit-package-"));

const FIRST_CALL = `
const server = createServer((request, response) => response.end('{"result":{"state":4}}')).listen(0, "127.0.0.1", async () => {
  const client = createPaymeClient({ merchantId: "65a0b0000000000000000001", key: "k", apiUrl: "http://127.0.0.1:" + server.address().port });
  const { state } = await client.receipts.check("65a0c1d2e3f4a5b6c7d8e9f0");
  console.log([som(50_000), signPayload('{"a":1}', "s").length, state, new PaymeAPIError("x") instanceof PaymeError].join(" "));
  server.closeAllConnections();
  server.close();
});
`;
const NAMES = "createPaymeClient, PaymeAPIError, PaymeError, signPayload, som";

let tarball = "";
const esm = join(work, "esm");
const cjs = join(work, "cjs");

beforeAll(() => {
  tarball = pack(work).file;
  makeProject(esm, "module", [tarball]);
  makeProject(cjs, "commonjs", [tarball]);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The text of a file and of all files of the build that it loads. */
function codeBehind(file: string, seen = new Set<string>()): string {
  if (seen.has(file)) return "";
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const loaded = [...text.matchAll(/(?:from |require\()["'](\.\.?\/[^"']+)["']/g)].map(([, path = ""]) => path);
  return [text, ...loaded.map((path) => codeBehind(resolve(file, "..", path), seen))].join("\n");
}

/** The files of a folder and of those in it, by their path in it. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Lets a project find an optional peer without installing it again. */
function link(project: string, ...names: string[]): void {
  for (const name of names) symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
}

describe("the tarball", () => {
  it("holds the build, the licence, the texts, the pages of the docs and the examples of init, and nothing else", () => {
    const listed = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n").sort();
    const outside = listed.filter((path) => !/^package\/(dist|docs|examples)\//.test(path));
    const texts = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"];
    const present = texts.filter((name) => existsSync(join(root, name)));
    expect(outside).toEqual(present.map((name) => `package/${name}`));
    expect(listed.filter((path) => !/\.(js|cjs|d\.ts|d\.cts)$/.test(path) && path.includes("/dist/"))).toEqual([]);
    expect(listed.filter((path) => path.endsWith(".md") && path.includes("/docs/")).length).toBeGreaterThan(10);
    expect(listed.filter((path) => path.endsWith(".png"))).toEqual([]);
  });

  it.each(EXAMPLES)("holds the example $name as it is tested, and nothing else of its folder", ({ folder }) => {
    const path = `examples/${folder}`;
    const tracked = execFileSync("git", ["ls-files", path], { cwd: root, encoding: "utf8" }).trim().split("\n");
    // Next makes a tsconfig.json where there is none.
    const kept = [
      "README.md",
      "package-lock.json",
      ".gitignore",
      ".npmrc",
      ...(folder === "merchant-next" ? ["tsconfig.json"] : []),
    ];
    const packed = tracked.map((file) => file.slice(path.length + 1)).filter((file) => !kept.includes(file));
    expect(filesIn(join(esm, "node_modules/payme-kit", path)).sort()).toEqual(packed.sort());
    for (const file of packed) {
      const [shipped, tested] = [join(esm, "node_modules/payme-kit", path, file), join(root, path, file)];
      expect(readFileSync(shipped, "utf8"), file).toBe(readFileSync(tested, "utf8"));
    }
  });

  it("holds no example that init does not know", () => {
    expect(readdirSync(join(esm, "node_modules/payme-kit/examples")).sort()).toEqual(
      EXAMPLES.map(({ folder }) => folder).sort(),
    );
  });

  it.each([
    ["commander", "LICENSE", "cli/index.js"],
    ["uqr", "LICENSE", "cli/link.js"],
    ["uqr", "LICENSE", "checkout/qr.js"],
    ["uqr", "LICENSE", "checkout/qr.cjs"],
    ["ky", "license", "index.cjs"],
  ])("carries the whole licence of %s (%s) with its code, from %s", (library, licence, entry) => {
    const words = (text: string) => text.replace(/[\s*'"]+/g, " ");
    const [, copyright = "", permission = ""] =
      /(Copyright[\s\S]*?)\n\n(Permission[\s\S]*)/.exec(
        readFileSync(join(root, "node_modules", library, licence), "utf8"),
      ) ?? [];
    const shipped = words(codeBehind(join(esm, "node_modules/payme-kit/dist", entry)));
    for (const line of [...copyright.split("\n"), permission]) {
      expect(line.trim()).not.toBe("");
      expect(shipped.includes(words(line).trim()), line).toBe(true);
    }
  });

  it("brings ky and zod, and no optional peer", () => {
    expect(readdirSync(join(esm, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "ky",
      "payme-kit",
      "zod",
    ]);
  });

  it("makes its first call as an ES module", () => {
    writeFileSync(
      join(esm, "first.js"),
      `import { createServer } from "node:http";\nimport { ${NAMES} } from "payme-kit";\n${FIRST_CALL}`,
    );
    expect(output(esm, "first.js")).toBe("5000000 64 4 true");
  });

  it("makes its first call as CommonJS", () => {
    writeFileSync(
      join(cjs, "first.js"),
      `const { createServer } = require("node:http");\nconst { ${NAMES} } = require("payme-kit");\n${FIRST_CALL}`,
    );
    expect(output(cjs, "first.js")).toBe("5000000 64 4 true");
  });

  it("has a bin that needs nothing else, and says by its exit code how it ended", () => {
    const bin = (...args: string[]) => node(esm, join(esm, "node_modules/.bin/payme-kit"), ...args);
    expect(bin("--help").stdout).toContain("certify <url>");
    expect(bin("--help").status).toBe(0);
    expect(bin("certify").status).toBe(2);
  });

  it("says what to install where the driver is missing", () => {
    writeFileSync(
      join(esm, "driver.js"),
      `import { sqliteStorage } from "payme-kit/sqlite";\ntry { sqliteStorage({ file: ":memory:" }); } catch (error) { console.log(error.name, error.hint); }`,
    );
    expect(output(esm, "driver.js")).toMatch(/^PaymeConfigError .*npm install better-sqlite3/);
  });

  it("has every entry point in both kinds of module", () => {
    for (const project of [esm, cjs]) link(project, "msw", "better-sqlite3", "prom-client");
    const print = "console.log(Object.keys(loaded).length > 0)";
    for (const { specifier: entry } of entries) {
      writeFileSync(join(esm, "entry.js"), `import * as loaded from "${entry}";\n${print}`);
      expect(output(esm, "entry.js"), entry).toBe("true");
      // MSW 2 has a CommonJS build of its own; the linked one resolves its dependencies from where it stands.
      writeFileSync(join(cjs, "entry.js"), `const loaded = require("${entry}");\n${print}`);
      expect(output(cjs, "entry.js"), entry).toBe("true");
    }
  });
});

describe("an error of one copy", () => {
  const crossing = `
const { createRequire } = require("node:module");
const cjs = require("payme-kit");
import("payme-kit").then((esm) => {
  const pairs = [[cjs, esm], [esm, cjs]];
  console.log(pairs.map(([a, b]) => {
    const error = new a.PaymeSignatureError("x");
    return [error instanceof b.PaymeSignatureError, error instanceof b.PaymeError, error instanceof b.PaymeAPIError, b.isPaymeError(error), a.PaymeError !== b.PaymeError];
  }).join(" "));
});`;

  it("is an instance of the other copy's class", () => {
    writeFileSync(join(cjs, "crossing.js"), crossing);
    expect(output(cjs, "crossing.js")).toBe("true,true,false,true,true true,true,false,true,true");
  });

  it("stays one when both are minified", async () => {
    for (const [name, format] of [
      ["index.js", "esm"],
      ["index.cjs", "cjs"],
    ] as const) {
      const entry = join(cjs, "node_modules/payme-kit/dist", name);
      const outfile = join(cjs, format === "esm" ? "small.mjs" : "small.cjs");
      await build({
        entryPoints: [entry],
        outfile,
        bundle: true,
        minify: true,
        format,
        platform: "node",
        logLevel: "silent",
      });
    }
    const minified = crossing
      .replace('require("payme-kit")', 'require("./small.cjs")')
      .replace('import("payme-kit")', 'import("./small.mjs")');
    writeFileSync(join(cjs, "minified.js"), minified);
    expect(output(cjs, "minified.js")).toBe("true,true,false,true,true true,true,false,true,true");
  });
});

describe("the types", () => {
  const consumer = `
import { createPaymeClient, createPayments, memoryStorage, som, type Tiyin } from "payme-kit";
import { checkoutQr } from "payme-kit/checkout/qr";
import { expressWebhook } from "payme-kit/express";
import { fastifyWebhook } from "payme-kit/fastify";
import { createMockPayme } from "payme-kit/testing";
const amount: Tiyin = som(50_000);
const mock = createMockPayme();
const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, fetch: mock.fetch });
const payments = createPayments({ storage: memoryStorage(), client, onPaid(payment, tx) {
  tx.table("orders").set(payment.id, { amount });
  return true;
} });
export const handler = expressWebhook({ secret: ["s"], onEvent: (event) => payments.recordWebhook(event) });
export const plugin = fastifyWebhook({ secret: ["s"], onEvent: (event) => payments.recordWebhook(event) });
export const svg: string = checkoutQr("https://checkout.paycom.uz/65a0c1d2e3f4a5b6c7d8e9f0");
// @ts-expect-error a plain number is no amount
payments.create({ amount: 5 });
`;
  it.each([
    ["commonjs", "node10", cjs],
    ["node16", "node16", cjs],
    ["node16", "node16", esm],
    ["nodenext", "nodenext", esm],
    ["esnext", "bundler", esm],
  ])("are found with module %s and moduleResolution %s (%s)", (module, moduleResolution, project) => {
    writeFileSync(join(project, "consumer.ts"), consumer);
    const options = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["es2023", "dom"],
      strict: true,
      noEmit: true,
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
      ignoreDeprecations: "6.0",
      skipLibCheck: false,
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["consumer.ts"] }));
    const { stdout } = node(project, join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json");
    expect(stdout).toBe("");
  });

  it("name no type of ky, zod or a driver; those for msw and prom-client name theirs", () => {
    const dist = join(esm, "node_modules/payme-kit/dist");
    const declarations = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".d.ts"),
    );
    expect(declarations.length).toBeGreaterThan(5);
    for (const name of declarations.filter((path) => !/msw|prometheus/.test(path))) {
      const imports = [
        ...readFileSync(join(dist, name), "utf8")
          .replace(/\/\*[\s\S]*?\*\//g, "")
          .matchAll(/from ['"]([^'".][^'"]*)['"]/g),
      ].map(([, from]) => from);
      expect(
        imports.filter((from) => !from?.startsWith("node:") && from !== "http"),
        name,
      ).toEqual([]);
    }
  });

  it("are clean by publint and are-the-types-wrong", () => {
    const publint = node(root, join(root, "node_modules/publint/src/cli.js"), "--strict", tarball);
    expect(publint.status, publint.stdout).toBe(0);
    const attw = node(root, join(root, "node_modules/@arethetypeswrong/cli/dist/index.js"), tarball);
    expect(attw.status, attw.stdout).toBe(0);
  });
});
