import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { EXAMPLES } from "../../src/tools/init/examples";
import { mergeEnv } from "../../src/tools/init/merge-env";
import { shortDiff } from "../../src/tools/init/short-diff";
import { cli } from "./kit";

const root = resolve(import.meta.dirname, "../..");

/** A project with a package.json and other files, and `payme-kit init` in it. */
function project(manifest: object, files: Record<string, string> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), "payme-kit-init-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  };
  write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [path, text] of Object.entries(files)) write(path, text);
  return {
    cwd,
    write,
    read: (path: string) => readFileSync(join(cwd, path), "utf8"),
    has: (path: string) => existsSync(join(cwd, path)),
    all: () =>
      readdirSync(cwd, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), "utf8")]),
    init: (args: string[] = [], ask?: (question: string) => Promise<string>) =>
      cli(["init", ...args], { cwd, ask, env: {} }),
  };
}

const EXPRESS = { name: "shop", type: "module", scripts: { test: "jest" }, dependencies: { express: "^4.18.0" } };

describe("payme-kit init", () => {
  it("puts the example of the project's framework where nothing is, and says what comes next in three lines", async () => {
    const { init, read, has } = project(EXPRESS);
    const { code, out, err } = await init(["--yes"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(read("payme/shop.ts")).toBe(readFileSync(join(root, "examples/merchant-express/shop.ts"), "utf8"));
    expect(read("payme/shop.test.ts")).toContain('from "./shop.js"');
    expect(has("payme/new-order.ts")).toBe(true);
    expect(read(".env.example")).toContain("PAYME_MERCHANT_KEY=\n");
    const { scripts, dependencies, devDependencies } = JSON.parse(read("package.json"));
    expect(scripts).toMatchObject({ test: "jest", payme: "tsx payme/shop.ts", "payme:test": "vitest run payme/" });
    expect(scripts["payme:certify"]).toMatch(/^payme-kit certify http.* --orders-from "tsx payme\/new-order\.ts"$/);
    expect(dependencies).toMatchObject({ express: "^4.18.0", "payme-kit": expect.stringMatching(/^\^\d/) });
    expect(devDependencies.vitest).toMatch(/^\^\d/);
    const [, next = ""] = out.split("Written. Next:\n");
    expect(next.split("\n")).toEqual([
      expect.stringMatching(/^ {2}1\. npm install, then npm run payme:test/),
      expect.stringMatching(/^ {2}2\. npm run payme/),
      expect.stringMatching(/^ {2}3\. .*payme\/shop\.ts.*npm run payme:certify$/),
    ]);
  });

  it.each(EXAMPLES)("run twice with $name has nothing to do, and changes nothing", async ({ name }) => {
    const { init, all } = project({ name: "shop" });
    expect((await init([name, "--yes"])).code).toBe(0);
    const first = all();
    const { code, out } = await init([name]);
    expect(code).toBe(0);
    expect(out).toContain("There is nothing to do.");
    expect(all()).toEqual(first);
  });

  it("is idle, too, where git has changed the ends of the lines", async () => {
    const { init, read, write, cwd } = project(EXPRESS);
    await init(["--yes"]);
    for (const path of ["payme/shop.ts", ".env.example"]) write(path, read(path).replaceAll("\n", "\r\n"));
    const { code, out } = await init();
    expect(code).toBe(0);
    expect(out).toContain("There is nothing to do.");
    rmSync(join(cwd, "payme/new-order.ts"));
    expect((await init(["--yes"])).code).toBe(0);
    expect(read("payme/shop.ts")).toContain("\r\n");
  });

  it("shows each file before it asks, and writes nothing without a yes", async () => {
    const { init, all } = project(EXPRESS);
    const before = all();
    const asked: string[] = [];
    const answer = (text: string) => async (question: string) => {
      asked.push(question);
      expect(all()).toEqual(before);
      return text;
    };
    const refused = await init([], answer("n"));
    expect(refused).toMatchObject({ code: 2, err: "payme-kit: not confirmed: nothing is written" });
    expect(refused.out).toMatch(/^new {6}payme\/shop\.ts \(\d+ lines\)$/m);
    expect(refused.out).toMatch(/^adds {5}package\.json\n {9}- .*"jest"\n {9}\+ .*"jest",\n {9}\+ {5}"payme": "tsx/m);
    expect(await init()).toMatchObject({ code: 2, err: expect.stringContaining("give --yes, or --dry-run") });
    expect(all()).toEqual(before);
    expect((await init([], answer("y"))).code).toBe(0);
    expect(asked).toEqual(["Write 5 files? [y/N] ", "Write 5 files? [y/N] "]);
    expect(all()).not.toEqual(before);
  });

  it("writes nothing at all where one file differs, says which lines and what to do: exit code 1", async () => {
    const { init, all } = project(EXPRESS, { "payme/shop.ts": "export const mine = 1;\n" });
    const before = all();
    const { code, out, err } = await init(["--yes"]);
    expect(code).toBe(1);
    expect(out).toMatch(/^differs {2}payme\/shop\.ts\n {9}- export const mine = 1;/m);
    expect(err).toMatch(/^payme-kit: payme\/shop\.ts would lose .*nothing is written\. .*--dir.*--force/);
    expect(all()).toEqual(before);
  });

  it("overwrites it with --force", async () => {
    const { init, read } = project(EXPRESS, { "payme/shop.ts": "export const mine = 1;\n" });
    expect((await init(["--force", "--yes"])).code).toBe(0);
    expect(read("payme/shop.ts")).toContain("export async function openShop");
  });

  it("takes a script of its name that says something else for a difference", async () => {
    const mine = { ...EXPRESS, scripts: { payme: "my own" } };
    const { init, read, has } = project(mine);
    const { code, err } = await init(["--yes"]);
    expect(code).toBe(1);
    expect(err).toContain("package.json would lose");
    expect(has("payme")).toBe(false);
    expect(JSON.parse(read("package.json"))).toEqual(mine);
  });

  it("writes nothing with --dry-run", async () => {
    const { init, all } = project(EXPRESS);
    const before = all();
    const { code, out } = await init(["--dry-run", "--yes"]);
    expect(code).toBe(0);
    expect(out).toContain("A dry run: nothing is written.");
    expect(all()).toEqual(before);
  });

  it("in a CommonJS project names its sources as ES modules, also to each other", async () => {
    const { init, read } = project({ name: "shop" });
    await init(["telegram-subscription", "--yes"]);
    expect(read("payme/bot.mts")).toContain('from "./texts.mjs"');
    expect(read("payme/bot.test.mts")).toContain('from "./bot.mjs"');
    expect(read("payme/bot.mts")).toContain('new URL("card.js", import.meta.url)');
    expect(read("payme/card.js")).toBe(readFileSync(join(root, "examples/telegram-subscription/card.js"), "utf8"));
    expect(JSON.parse(read("package.json")).scripts.payme).toBe("tsx payme/bot.mts");
  });

  it("goes below src where there is one, or where --dir says", async () => {
    const below = project(EXPRESS, { "src/app.ts": "" });
    await below.init(["--yes"]);
    expect(below.has("src/payme/shop.ts")).toBe(true);
    await below.init(["--yes", "--dir", "lib/pay-me", "--force"]);
    expect(JSON.parse(below.read("package.json")).scripts.payme).toBe("tsx lib/pay-me/shop.ts");
  });

  it("speaks of the project's own package manager", async () => {
    const { init } = project(EXPRESS, { "pnpm-lock.yaml": "" });
    expect((await init(["--yes"])).out).toContain("1. pnpm install, then pnpm run payme:test");
  });

  it("keeps the order, the indentation and all other members of package.json", async () => {
    const { init, read, write } = project({});
    const given = { license: "MIT", name: "shop", dependencies: { express: "^5.0.0", abc: "1" }, jest: { a: [1] } };
    write("package.json", JSON.stringify(given, null, "\t"));
    await init(["--yes"]);
    const text = read("package.json");
    expect(text).toMatch(/^\{\n\t"license": "MIT",\n\t"name": "shop",\n\t"dependencies": \{\n\t\t"abc": "1",/);
    expect(JSON.parse(text)).toMatchObject({ ...given, dependencies: { abc: "1", express: "^5.0.0" } });
  });

  it("prints one JSON document with --json, whatever happens", async () => {
    const { init, write, cwd } = project(EXPRESS);
    const written = await init(["--json", "--yes"]);
    expect(JSON.parse(written.out)).toMatchObject({ example: "express", dir: "payme", isWritten: true });
    expect(JSON.parse(written.out).next).toHaveLength(3);
    write("payme/shop.ts", "mine\n");
    const differs = await init(["--json", "--yes"]);
    expect(differs.code).toBe(1);
    expect(JSON.parse(differs.out).files).toContainEqual({
      path: "payme/shop.ts",
      state: "differs",
      diff: expect.arrayContaining(["- mine"]),
    });
    rmSync(join(cwd, "payme"), { recursive: true });
    const unasked = await init(["--json"], async () => "y");
    expect(unasked.code).toBe(2);
    expect(JSON.parse(unasked.out)).toEqual({ error: expect.stringContaining("--yes") });
  });
});

const EXAMPLE = (path: string) => readFileSync(join(root, "examples", path), "utf8");
/** What `nest new` makes, as far as it matters. */
const NEST = {
  name: "shop",
  scripts: { build: "nest build", start: "nest start" },
  dependencies: { "@nestjs/core": "^11.0.1" },
};
const NEST_FILES = {
  "src/main.ts": "async function bootstrap() {}\r\nbootstrap();",
  "src/app.module.ts": "export class AppModule {}\n",
  "tsconfig.json": '{ "compilerOptions": {} }\n',
};
const NEXT = { name: "shop", scripts: { dev: "next dev --turbo" }, dependencies: { next: "16.4.3" } };

/** The files of a document of `--json`, by their state. */
function statesOf(out: string): Record<string, string[]> {
  const { files }: { files: { path: string; state: string }[] } = JSON.parse(out);
  const states = [...new Set(files.map(({ state }) => state))];
  return Object.fromEntries(
    states.map((state) => [state, files.filter((file) => file.state === state).map(({ path }) => path)]),
  );
}

describe("payme-kit init in a project of NestJS", () => {
  it("leaves what the project has in a form of its own, byte for byte, and says what to add by hand", async () => {
    const { init, read } = project(NEST, NEST_FILES);
    const looked = await init(["--dry-run", "--json"]);
    expect(statesOf(looked.out)).toMatchObject({ yours: ["src/main.ts", "tsconfig.json"], adds: ["package.json"] });
    expect(JSON.parse(looked.out).files).toContainEqual({ path: "src/main.ts", state: "yours", diff: [] });
    const { code, out, err } = await init(["--yes"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^yours {4}src\/main\.ts \(left to you\)$/m);
    expect(out).toMatch(
      /^ {2}2\. in src\/main\.ts: mountPayme\(app\).*src\/payme\/payme\.module\).*PaymeShopModule into the imports/m,
    );
    for (const [path, text] of Object.entries(NEST_FILES)) expect(read(path)).toBe(text);
    expect(JSON.parse(read("package.json")).scripts).toEqual({
      ...NEST.scripts,
      prebuild: "prisma generate",
      "payme:test": "vitest run test/payme/",
      "payme:certify": expect.stringMatching(/--orders-from "tsx src\/payme\/new-order\.ts"$/),
    });
    const again = await init(["--json"]);
    expect(again.code).toBe(0);
    expect(Object.keys(statesOf(again.out)).sort()).toEqual(["same", "yours"]);
  });

  it("overwrites none of them with --force either", async () => {
    const { init, read } = project(NEST, NEST_FILES);
    await init(["--force", "--yes"]);
    for (const [path, text] of Object.entries(NEST_FILES)) expect(read(path)).toBe(text);
  });

  it("in CommonJS lets sources name each other without an ending, as its compiler and jest want it", async () => {
    const { init, read } = project(NEST, NEST_FILES);
    await init(["--yes"]);
    expect(read("src/payme/payme.module.ts")).toContain('from "./cashbox";');
    expect(read("src/payme/database.ts")).toContain('from "../generated/client";');
    expect(read("test/payme/shop.test.ts")).toContain('from "../../src/payme/payme.module";');
  });

  it("in an empty folder is all of it, with what builds and starts it, unchanged in a project of ES modules", async () => {
    const { init, read } = project({ name: "shop", type: "module", scripts: { test: "echo" } });
    const { out } = await init(["nest-prisma", "--yes"]);
    for (const path of [
      "src/main.ts",
      "src/payme/database.ts",
      "test/payme/shop.test.ts",
      "prisma/schema.prisma",
      "tsconfig.json",
    ]) {
      expect(read(path)).toBe(EXAMPLE(`merchant-nest-prisma/${path}`));
    }
    expect(JSON.parse(read("package.json")).scripts).toMatchObject({ build: "tsc -p .", start: "node dist/main.js" });
    expect(out).not.toContain("in src/main.ts");
    expect(out).toMatch(
      /^ {2}3\. npm run build, then npm run start; open \/payme-shop \(set DATABASE_URL in \.env first\)/m,
    );
  });

  it("with --dir keeps what names the sources, and what they name", async () => {
    const { init, read } = project({ name: "shop", type: "module" });
    await init(["nest-prisma", "--yes", "--dir", "src/shop/pay"]);
    expect(read("src/main.ts")).toContain('from "./shop/pay/payme.module.js"');
    expect(read("src/shop/pay/database.ts")).toContain('from "../../generated/client.js"');
    expect(read("test/payme/shop.test.ts")).toContain('from "../../src/shop/pay/orders.js"');
    expect(JSON.parse(read("package.json")).scripts["payme:certify"]).toContain('"tsx src/shop/pay/new-order.ts"');
  });

  it.each([
    { "prisma/schema.prisma": "model Goods { id Int @id }\n" },
    { "prisma/schema/goods.prisma": "model Goods { id Int @id }\n" },
    { "prisma.config.ts": "export default {};\n" },
  ])("leaves Prisma to a project that has it (%s): no second schema, no migration, no packages", async (own) => {
    const { init, read, has } = project(NEST, { ...NEST_FILES, ...own });
    const { code, out } = await init(["--yes"]);
    expect(code).toBe(0);
    for (const [path, text] of Object.entries(own)) expect(read(path)).toBe(text);
    expect(has("prisma/migrations")).toBe(false);
    expect(has("prisma.config.mjs")).toBe(false);
    expect(has("src/payme/orders.ts")).toBe(true);
    const { scripts, dependencies, devDependencies } = JSON.parse(read("package.json"));
    expect(Object.keys({ ...scripts, ...dependencies, ...devDependencies }).join()).not.toMatch(/prisma|prebuild/);
    expect(out).toMatch(
      /add the models Order and Ticket of node_modules\/payme-kit\/examples\/merchant-nest-prisma\/prisma\/schema\.prisma/,
    );
    expect(statesOf((await init(["--json"])).out)).not.toHaveProperty("new");
  });
});

describe("payme-kit init in a project of Next.js", () => {
  it("puts the routes where the project has its own, above or below src", async () => {
    const above = project(NEXT, { "app/page.tsx": "" });
    await above.init(["--yes"]);
    expect(above.read("app/payme/route.ts")).toBe(EXAMPLE("merchant-next/app/payme/route.ts"));
    expect(above.has("instrumentation.ts")).toBe(true);
    const below = project(NEXT, { "src/app/page.tsx": "" });
    await below.init(["--yes"]);
    expect(below.read("src/app/payme/route.ts")).toContain('from "../../payme/merchant"');
    expect(below.read("src/instrumentation.ts")).toContain('import("./payme/start")');
    expect(below.has("src/payme/merchant.ts")).toBe(true);
    const pages = project(NEXT, { "src/pages/index.tsx": "" });
    await pages.init(["--yes", "--dir", "src/lib/pay"]);
    expect(pages.read("src/app/api/payme-worker/route.ts")).toContain('from "../../../lib/pay/merchant"');
    expect(pages.read("src/instrumentation.ts")).toContain('import("./lib/pay/start")');
    expect(JSON.parse(pages.read("package.json")).scripts).toMatchObject({
      dev: "next dev --turbo",
      build: "next build",
      "payme:test": "vitest run src/lib/pay/",
    });
  });

  it("leaves an instrumentation of the project's own, and says what to add to it", async () => {
    const { init, read } = project(NEXT, { "app/page.tsx": "", "instrumentation.ts": "export const register = 1;\n" });
    const { code, out } = await init(["--yes"]);
    expect(code).toBe(0);
    expect(read("instrumentation.ts")).toBe("export const register = 1;\n");
    expect(out).toMatch(/^ {2}2\. in your instrumentation: await startPayme\(\) \(from payme\/start\)/m);
  });

  it("does not take a file of a route for the framework's: it differs, and nothing is written", async () => {
    const { init, has } = project(NEXT, { "app/payme/route.ts": "export const GET = 1;\n" });
    expect(await init(["--yes"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("app/payme/route.ts would lose"),
    });
    expect(has("payme")).toBe(false);
  });
});

describe("a project that fits two examples gets the one that holds the other, and is told why", () => {
  it.each([
    ["nest-prisma", { "@nestjs/core": "11", express: "5" }, "package.json fits express, too: Nest stands on Express"],
    [
      "next",
      { next: "16", hono: "4", express: "5" },
      "fits express and hono, too: Next serves routes with or without them",
    ],
  ])("%s", async (name, dependencies, why) => {
    const { code, out } = await project({ dependencies }).init(["--dry-run"]);
    expect(code).toBe(0);
    const [head = ""] = out.split("\n");
    expect(head).toContain(`The example ${name}, into `);
    expect(head).toContain(why);
  });
});

describe("payme-kit init cannot run: exit code 2", () => {
  it.each([
    ["of no framework", {}, [], 'name one, as in "payme-kit init express"'],
    ["of two", { dependencies: { hono: "4", express: "5" } }, [], "fits express and hono"],
    ["of two that build", { dependencies: { next: "16", "@nestjs/core": "11" } }, [], "fits nest-prisma and next"],
    ["of a bot in Next.js", { dependencies: { next: "16", grammy: "1" } }, [], "fits next and telegram"],
    ["of a framework without an example", { dependencies: { fastify: "5" } }, [], "for Fastify see docs/frameworks.md"],
    ["and an example that is none", {}, ["koa"], "there is no example koa"],
    ["and a folder outside", EXPRESS, ["--dir", "../elsewhere"], "inside the project"],
    ["and a folder that a shell would take apart", EXPRESS, ["--dir", "a b;c"], "inside the project"],
    ["and an absolute folder", EXPRESS, ["--dir", "/tmp/elsewhere"], "inside the project"],
    ["whose scripts are none", { scripts: [1] }, ["express"], "package.json cannot be read"],
  ])("in a project %s", async (_, manifest, args, because) => {
    const { init, all } = project(manifest);
    const before = all();
    const { code, out, err } = await init([...args, "--yes"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(because);
    expect(all()).toEqual(before);
  });

  it("in a folder without a project", async () => {
    const { cwd, init } = project({});
    rmSync(join(cwd, "package.json"));
    expect(await init(["express", "--yes"])).toMatchObject({ code: 2, err: expect.stringContaining("npm init -y") });
  });

  it("where a folder stands in the place of a file", async () => {
    const { init, has } = project(EXPRESS, { "payme/shop.ts/x": "" });
    expect(await init(["--yes"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("payme/shop.ts cannot be read"),
    });
    expect(has(".env.example")).toBe(false);
  });
});

describe("the settings of an example", () => {
  const TEMPLATE =
    "# Copy to .env.\n\n# The cashbox\nPAYME_MERCHANT_ID=\nPAYME_MERCHANT_KEY=\n\n# Where it listens\nPORT=3000\n";

  it("come to those that are there, each with its comment, and none twice", () => {
    const before = "DATABASE_URL=x\n#PORT=8080";
    const after = mergeEnv(before, TEMPLATE);
    expect(after).toBe(`${before}\n\n# The cashbox\nPAYME_MERCHANT_ID=\nPAYME_MERCHANT_KEY=\n`);
    expect(mergeEnv(after, TEMPLATE)).toBe(after);
  });

  it("are those of the example where a project has none, and only what is missing elsewhere", () => {
    expect(mergeEnv(undefined, TEMPLATE)).toBe(TEMPLATE);
    const half = mergeEnv("export PAYME_MERCHANT_ID=1\nPORT = 1\n", TEMPLATE);
    expect(half).toBe("export PAYME_MERCHANT_ID=1\nPORT = 1\n\n# The cashbox\nPAYME_MERCHANT_KEY=\n");
  });
});

describe("a short diff", () => {
  it("has the lines that go and come, and none that stay", () => {
    expect(shortDiff("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n")).toEqual(["- b", "+ x", "+ e"]);
    expect(shortDiff("a\r\nb\n", "a\nb\n")).toEqual([]);
  });

  it("ends after twelve lines", () => {
    const lines = (mark: string) => Array.from({ length: 20 }, (_, n) => `${mark}${n}`).join("\n");
    const diff = shortDiff(lines("a"), lines("b"));
    expect(diff).toHaveLength(13);
    expect(diff.at(-1)).toBe("… 28 more");
  });
});
