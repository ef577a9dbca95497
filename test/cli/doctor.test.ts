import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { sqliteStorage } from "../../src/entry/sqlite";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { listening, MERCHANT_KEY, openWorld, SECRET_KEY } from "../doctor/world";
import { temporaryFolder } from "../storage/kits";
import { cli } from "./kit";

/** A shop and a Payme over HTTP, and the command line that looks at them. */
async function open() {
  const world = await openWorld();
  const payme = await createMockPayme({ key: SECRET_KEY }).listen();
  onTestFinished(() => payme.close());
  const env: Record<string, string> = { ...world.parts.env, PAYME_TEST_API_URL: payme.url };
  const url = world.parts.url ?? "";
  const args = ["doctor", url, "--link", world.parts.link ?? "", "--database", `sqlite:${world.file}`];
  return { world, env, url, args };
}

describe("payme-kit doctor", () => {
  it("says one line of a healthy shop: exit code 0", async () => {
    const { args, env } = await open();
    const { code, out, err } = await cli(args, { env });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Nothing is wrong: 3\d checks are right\.$/);
  });

  it("says what was not looked at, in the same line", async () => {
    const { env } = await open();
    const { code, out } = await cli(["doctor"], { env: { ...env, PAYME_CALLBACK_URL: "" } });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Nothing is wrong: \d+ checks are right\. Not looked at: endpoint \(needs its address\), link \(needs --link\), database \(needs --database\)\.$/,
    );
  });

  it("says what it saw, why it matters and what to do: exit code 1", async () => {
    const { args, env } = await open();
    const { code, out } = await cli(args, { env: { ...env, PAYME_MERCHANT_KEY: SECRET_KEY } });
    expect(code).toBe(1);
    const [title, saw, why, fix, last] = out.split("\n");
    expect(title).toBe("WRONG endpoint.right-key");
    expect(saw).toBe("  saw  the answer is HTTP 200, -32504 instead of HTTP 200, -31003");
    expect(why).toBe("  why  Payme's calls are refused, and no order is paid.");
    expect(fix).toMatch(/^ {2}do {3}After -32504: give the endpoint this key/);
    expect(last).toMatch(/^1 wrong, 0 uncertain, \d+ right\.$/);
  });

  it("warns of what is uncertain: exit code 0, with --strict 1", async () => {
    const { args, env } = await open();
    const uncertain = { ...env, PAYME_TEST_MODE: "true", NODE_ENV: "production" };
    const { code, out } = await cli(args, { env: uncertain });
    expect(code).toBe(0);
    expect(out).toMatch(/^UNCERTAIN env\.test-mode\n/);
    expect(out).toMatch(/0 wrong, 1 uncertain, \d+ right\.$/);
    expect((await cli([...args, "--strict"], { env: uncertain })).code).toBe(1);
    expect((await cli([...args, "--strict"], { env })).code).toBe(0);
  });

  it("unreachable is a warning", async () => {
    const { env } = await open();
    const { code, out } = await cli(["doctor", "http://127.0.0.1:1/payme", "--only", "endpoint.get"], { env });
    expect(code).toBe(0);
    expect(out).toContain("UNCERTAIN endpoint.reached\n  saw  http://127.0.0.1:1 cannot be reached (ECONNREFUSED)");
  });

  it("prints all with --verbose", async () => {
    const { args, env } = await open();
    const { out } = await cli([...args, "--verbose", "--only", "link,database.reached"], { env });
    expect(out.match(/^RIGHT [a-z.-]+$/gm)).toEqual([
      ...["RIGHT link.form", "RIGHT link.fields", "RIGHT link.amount", "RIGHT link.host", "RIGHT link.slash"],
      "RIGHT database.reached",
    ]);
  });

  it("prints one JSON document with --json", async () => {
    const { args, env } = await open();
    const right = await cli([...args, "--json"], { env });
    expect(right.code).toBe(0);
    const { right: count, ...rest } = JSON.parse(right.out);
    expect(rest).toEqual({ wrong: 0, uncertain: 0, findings: [] });
    expect(count).toBeGreaterThan(25);
    const wrong = await cli([...args, "--json", "--skip", "payme"], { env: { ...env, PAYME_AUTH: "none" } });
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.out).findings).toEqual([
      {
        check: "env.settings",
        group: "env",
        status: "wrong",
        saw: expect.stringContaining("PAYME_AUTH must be signature or key"),
        why: expect.any(String),
        fix: expect.any(String),
      },
    ]);
    const all = await cli([...args, "--json", "--verbose"], { env });
    expect(JSON.parse(all.out).findings).toHaveLength(count);
  });

  it("--offline needs no network: no server hears of it", async () => {
    const { args, env, world } = await open();
    let calls = 0;
    const origin = await listening(
      createServer((_request, response) => {
        calls += 1;
        response.end();
      }),
    );
    world.front.answer = () => {
      calls += 1;
      return false;
    };
    const { code, out } = await cli([...args, "--offline", "--strict"], {
      env: { ...env, PAYME_TEST_API_URL: origin },
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^Nothing is wrong: 1\d checks are right\.$/);
    expect(calls).toBe(0);
  });

  it("reads a file of settings as the application does: # cuts, quotes hold, and the environment wins", async () => {
    const { file, remove } = temporaryFolder();
    onTestFinished(remove);
    const looked = async (text: string, env = {}) => {
      writeFileSync(file, text);
      return (await cli(["doctor", "--env-file", file, "--offline"], { env })).out.split("\n").slice(0, 2).join("\n");
    };
    const key = "a-key-with-a-#-of-36-characters-0123";
    expect(await looked(`PAYME_MERCHANT_KEY=${key}`)).toBe(
      "WRONG env.key-shape\n  saw  PAYME_MERCHANT_KEY has 13 characters, and Payme's keys have 36: was it cut at # or $?",
    );
    expect(await looked(`PAYME_MERCHANT_KEY='${key}'`)).toMatch(/^Nothing is wrong/);
    expect(await looked(`PAYME_MERCHANT_KEY=${key}`, { PAYME_MERCHANT_KEY: key })).toMatch(/^Nothing is wrong/);
  });

  it("shows neither a key nor the password of the database", async () => {
    const { url, env } = await open();
    const databases = [`postgres://me:pass-word-1@127.0.0.1:1/shop`, "postgres://me:pass%2Fword-2@127.0.0.1:1/shop"];
    for (const database of databases) {
      const given = { ...env, DATABASE_URL: database, PAYME_MERCHANT_KEY: `${MERCHANT_KEY}x` };
      for (const args of [["--database"], ["--database", database, "--json", "--verbose"]]) {
        const { out, err } = await cli(["doctor", url, ...args], { env: given });
        expect(out).toContain("database.reached");
        expect(out + err).not.toMatch(/pass.{1,3}word|merchant-key|subscribe-key/);
      }
    }
  });

  it("looks at a file of SQLite without a change, also at one that is in another form", async () => {
    const { file, remove } = temporaryFolder();
    onTestFinished(remove);
    const storage = sqliteStorage({ file });
    await storage.migrate();
    await storage.close();
    const database = new Database(file);
    database.exec("PRAGMA journal_mode = DELETE; DROP INDEX idx_payme_payment_pending");
    database.close();
    const digest = () => createHash("sha256").update(readFileSync(file)).digest("hex");
    const before = digest();
    const { code, out } = await cli(["doctor", "--database", file, "--only", "database"], { env: {} });
    expect(code).toBe(1);
    expect(out.match(/^WRONG .*$/gm)).toEqual(["WRONG database.indexes", "WRONG database.wal"]);
    expect(digest()).toBe(before);
  });
});

describe("payme-kit doctor cannot run: exit code 2", () => {
  it.each([
    ["an address that is none", ["shop.example"], "not an http(s) address"],
    ["a check that is none", ["--only", "keys"], "there is no check"],
    ["a check that is none, to skip", ["--skip", "env,keys"], "there is no check"],
    ["another database", ["--database", "mysql://root@127.0.0.1/shop"], "postgres://"],
    ["no DATABASE_URL", ["--database"], "DATABASE_URL is not set"],
    ["a file of settings that is not there", ["--env-file", "/nowhere/.env"], "cannot read it (ENOENT)"],
    ["nothing to look at", ["--only", "database"], "nothing to look at"],
    ["an address with a password", ["https://me:secret-word@shop.example/payme"], "without a user and a password"],
    ["a webhook that is none", ["--webhook", "shop"], "webhookUrl"],
    ["a schema that is no name", ["--database", "postgres://127.0.0.1/a", "--schema", 'x"; --'], "cannot be the name"],
  ])("%s", async (_, args, because) => {
    const { code, out, err } = await cli(["doctor", ...args], { env: {} });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(because);
    expect(err).not.toContain("secret-word");
  });
});
