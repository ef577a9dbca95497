import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { installRuntimes, type VERSIONS } from "./installed-runtimes";
import { makeProject, output, pack, root } from "./projects";

const work = mkdtempSync(join(tmpdir(), "payme-kit-drivers-"));
const shop = join(work, "shop");
let programs: ReturnType<typeof installRuntimes>;

const OPENED_BY_HAND = `
import { Database } from "bun:sqlite";
import { DatabaseSync } from "node:sqlite";
import { forKysely, sqliteConnection, sqliteStorage } from "payme-kit/sqlite";

export const onNode = sqliteStorage({ file: "shop.db", open: (file) => new DatabaseSync(file) });
export const onBun = sqliteStorage({ file: "shop.db", open: (file) => new Database(file) });
onNode.using(sqliteConnection(new DatabaseSync("shop.db")));
onBun.using(sqliteConnection(new Database("shop.db")));
export const kysely = onNode.transaction(async (tx) => forKysely(tx).prepare("SELECT 1").all([]));
// @ts-expect-error a promise is no connection
sqliteStorage({ file: "shop.db", open: async (file) => new DatabaseSync(file) });
`;
const TYPES = ["@types/node@24", "bun-types@1.4"];

/** The runtimes with a driver of their own. */
const runtimes = [
  ["Node 22", "node22"],
  ["Node 24", "node24"],
  ["Node 26", "node26"],
  ["Bun", "bun"],
  ["Deno", "deno"],
] as const;

beforeAll(() => {
  programs = installRuntimes();
  const orms = (["drizzle-orm", "kysely"] as const).map((name) => `${name}@${manifest.devDependencies[name]}`);
  makeProject(shop, "module", [pack(work).file, ...orms, "postgres@3.4.9", ...TYPES]);
  cpSync(join(root, "test/package/drivers"), shop, { recursive: true });
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What a program says in another runtime. */
async function said(runtime: keyof typeof VERSIONS, ...args: string[]) {
  const given = runtime === "deno" ? ["run", "--allow-all", "--no-remote", ...args] : args;
  const child = spawn(programs[runtime], given, { cwd: shop, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { out: "", error: "" };
  child.stdout.on("data", (data) => {
    texts.out += data;
  });
  child.stderr.on("data", (data) => {
    texts.error += data;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code, texts.out + texts.error).toBe(0);
  return texts.out;
}

describe.concurrent("sqliteStorage without a package of a driver", () => {
  it.each([
    ...runtimes.map(([name, program]) => [name, "on a file and between two processes", program, 140] as const),
    ["Node 26", "where every integer is a bigint", "node26", 60] as const,
    ["Bun", "where every integer is a bigint", "bun", 60] as const,
  ])("passes the storage suite in %s, %s", async (_name, kind, program, atLeast) => {
    const { cases, failures } = JSON.parse(await said(program, "suite.mjs", atLeast === 60 ? "bigints" : "chosen"));
    expect(failures, kind).toEqual([]);
    expect(cases).toBeGreaterThan(atLeast);
  });

  it.each(runtimes)("keeps a hook's rows with ours in %s, also through Drizzle and Kysely", async (name, program) => {
    const kept = {
      rolledBack: "CLOSED",
      afterRollback: [],
      swallowed: "STORAGE_MISUSE",
      kept: [1, 2],
      writing: "STORAGE_MISUSE",
      events: 0,
      missing: true,
      none: true,
      joined: [{ shop: { id: 1, name: "ours" }, other: { id: 1, name: "theirs" } }],
      kysely: { id: 2 },
    };
    const file = join(work, `${name}.db`);
    expect(JSON.parse(await said(program, "hooks.mjs", file))).toEqual({ chosen: kept, opened: kept });
  });

  it("takes each by hand, by its types", async () => {
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext"];
    writeFileSync(join(shop, "opened.ts"), OPENED_BY_HAND);
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    await said("node22", tsc, ...options, "--types", "node,bun-types", "opened.ts");
  });

  it("reads a file from the command line", async () => {
    const file = join(work, "story.db");
    const make = `import { sqliteStorage } from "payme-kit/sqlite"; await sqliteStorage({ file: ${JSON.stringify(file)} }).migrate();`;
    await said("node24", "--input-type=module", "--eval", make);
    const bin = join(shop, "node_modules/payme-kit/dist/cli/index.js");
    const doctor = await said("node24", bin, "doctor", "--json", "--database", `sqlite:${file}`).catch(String);
    expect(doctor).not.toMatch(/npm install|better-sqlite3/);
  });
});

describe("better-sqlite3 that is installed", () => {
  it("and built for another Node is passed over", async () => {
    const project = join(work, "other-node");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    writeFileSync(join(project, "package.json"), "{}");
    for (const name of ["better-sqlite3", "bindings", "file-uri-to-path"]) {
      cpSync(join(root, "node_modules", name), join(project, "node_modules", name), { recursive: true });
    }
    cpSync(join(shop, "node_modules/payme-kit"), join(project, "node_modules/payme-kit"), { recursive: true });
    const open = `import { sqliteStorage } from ${JSON.stringify(join(project, "node_modules/payme-kit/dist/sqlite.js"))};
      await sqliteStorage({ file: ":memory:" }).migrate(); console.log("opened")`;
    expect((await said("node24", "--input-type=module", "--eval", open)).trim()).toBe("opened");
  });

  it.skipIf(Number.parseInt(process.versions.node, 10) >= 22)(
    "in a version that would end Node 20 is not loaded",
    () => {
      const folder = join(shop, "node_modules/better-sqlite3");
      mkdirSync(folder);
      writeFileSync(
        join(folder, "package.json"),
        '{ "name": "better-sqlite3", "version": "13.2.0", "main": "index.js" }',
      );
      writeFileSync(join(folder, "index.js"), 'process.kill(process.pid, "SIGSEGV");');
      writeFileSync(
        join(shop, "thirteen.js"),
        `import { sqliteStorage } from "payme-kit/sqlite";\ntry { sqliteStorage({ file: ":memory:" }); } catch (error) { console.log(error.name, error.cause); }`,
      );
      const text = output(shop, "thirteen.js");
      rmSync(folder, { recursive: true });
      expect(text).toMatch(/^PaymeConfigError better-sqlite3: Error: version 13\.2\.0 needs Node 22; node:sqlite: /);
    },
  );
});

describe("Drizzle over postgres.js", () => {
  it.each([
    ["", "taken"],
    ["{ transform: postgres.camel }", "PaymeConfigError"],
    ["{ transform: postgres.toCamel }", "PaymeConfigError"],
    ["{ transform: postgres.fromCamel }", "taken"],
    ["{ transform: { undefined: null } }", "taken"],
  ])("with the options %s is %s", (options, is) => {
    const given = ['"postgres://127.0.0.1:1/none"', options].filter((text) => text !== "").join(", ");
    writeFileSync(
      join(shop, "renaming.js"),
      `import { sql } from "drizzle-orm";
       import { drizzle } from "drizzle-orm/postgres-js";
       import { drizzleStorage } from "payme-kit/drizzle";
       import postgres from "postgres";
       try { drizzleStorage(drizzle(postgres(${given})), { sql }); console.log("taken"); } catch (error) { console.log(error.name); }`,
    );
    expect(output(shop, "renaming.js")).toBe(is);
  });
});
