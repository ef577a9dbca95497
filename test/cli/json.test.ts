import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { signPayload } from "../../src/gateway/signature";
import { COMMANDS } from "../../src/tools/cli/commands";
import { runCli } from "../../src/tools/cli/run-cli";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { cli, SILENT } from "./kit";

const env = { PAYME_SECRET_KEY: "your_secret_key", PAYME_MERCHANT_ID: "587f72c72cac0d162c722ae2" };
const BODY = '{"method":"receipts.get","params":{"id":"a"}}';
const SIGNATURE = signPayload(BODY, env.PAYME_SECRET_KEY);
const ORDER = ["--account", "order_id=197", "--amount", "500"];
const NAMES = COMMANDS.map(({ usage }) => usage.split(" ")[0] ?? "");

/** The document of a run: its whole standard output. */
async function documentOf(args: readonly string[], given: Parameters<typeof cli>[1] = { env }) {
  const { code, out } = await cli([...args, "--json"], given);
  return { code, document: JSON.parse(out) };
}

describe("--json", () => {
  it.each(NAMES)("is an option of %s", async (name) => {
    expect((await cli([name, "--help"])).out).toMatch(/^ {2}--json +print/m);
  });

  it.each(NAMES)("of %s prints one document, also where it could not run: exit code 2", async (name) => {
    const { code, out, err } = await cli([name, "--no-such-option", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({ error: expect.stringMatching(/--no-such-option|^required option/) });
    expect(err).toBe(`payme-kit: ${JSON.parse(out).error}`);
  });

  it.each([
    ["sign", ["sign", BODY], 0, { signature: SIGNATURE }],
    ["sign --canonical", ["sign", '{"a": 1}', "--canonical"], 0, { canonical: '{"a":1}' }],
    ["sign --x-auth", ["sign", BODY, "--x-auth"], 0, { xAuth: `${env.PAYME_MERCHANT_ID}:${SIGNATURE}` }],
    ["sign --curl", ["sign", BODY, "--curl", "http://127.0.0.1:1"], 0, { curl: expect.stringContaining("curl -sS") }],
    ["sign --verify", ["sign", BODY, "--verify", SIGNATURE], 0, { matches: true, reading: "raw", causes: [] }],
    [
      "sign --verify of another",
      ["sign", BODY, "--verify", "0".repeat(64)],
      1,
      { matches: false, reading: null, causes: expect.arrayContaining([expect.stringContaining("Another secret")]) },
    ],
    ["link", ["link", ...ORDER], 0, { link: expect.stringMatching(/^https:/), amount: 500, som: "5" }],
    ["link --form", ["link", ...ORDER, "--form"], 0, expect.objectContaining({ html: expect.any(String) })],
    [
      "link --decode",
      ["link", "--decode", "checkout"],
      1,
      { lines: [], problems: [{ of: "form", text: "not an address" }] },
    ],
    [
      "schema",
      ["schema", "--sqlite"],
      0,
      { dialect: "sqlite", schema: null, statements: expect.arrayContaining(["BEGIN", "COMMIT"]) },
    ],
    ["call --curl", ["call", "receipts.check", "{}", "--curl"], 0, { curl: expect.stringContaining("curl -sS") }],
  ])("of %s", async (_, args, wanted, document) => {
    expect(await documentOf(args)).toEqual({ code: wanted, document });
  });

  it("of call tells how it ended: answered, refused, unknown, failed", async () => {
    const mock = createMockPayme();
    const { url, close } = await mock.listen();
    onTestFinished(close);
    const settings = { PAYME_MERCHANT_ID: mock.merchantId, PAYME_SECRET_KEY: mock.key, PAYME_TEST_API_URL: url };
    const call = (...args: string[]) => documentOf(["call", ...args], { env: settings });
    const params = '{"amount":500,"account":{"order_id":1}}';
    const answered = await call("receipts.create", params);
    const known = { url, mode: "test", auth: "key", curl: expect.stringContaining("curl -sS") };
    expect(answered).toEqual({
      code: 0,
      document: { method: "receipts.create", ...known, outcome: "answered", answer: expect.any(Object) },
    });
    const refused = await call("receipts.check", '{"id":"65a0c1d2e3f4a5b6c7d8e9f0"}');
    expect(refused).toMatchObject({
      code: 1,
      document: { ...known, outcome: "refused", error: { code: "-31602", reason: "receipt" } },
    });
    mock.faults.add({ kind: "drop_after", method: "receipts.create" });
    expect(await call("receipts.create", params)).toMatchObject({
      code: 3,
      document: { outcome: "unknown", error: { ask: expect.stringContaining("receipts.get_all") } },
    });
    const nowhere = { env: { ...settings, PAYME_TEST_API_URL: "http://127.0.0.1:1" } };
    expect(await documentOf(["call", "receipts.check", "{}"], nowhere)).toMatchObject({
      code: 2,
      document: { outcome: "failed" },
    });
  });

  it("of mock and record is there when they listen; what comes later is on standard error", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "payme-kit-json-"));
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
    const mock = await cli(["mock", "--port", "0", "--log", "--json"], { env: {}, interruptAt: "settings" });
    expect(mock).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(mock.out)).toMatchObject({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      settings: { PAYME_AUTH: "key", PAYME_SECRET_KEY: expect.stringMatching(/^.{36}$/) },
      cashboxes: [{ endpoint: null }],
    });
    const record = await cli(
      ["record", "--to", "http://127.0.0.1:1", "--port", "0", "--out", join(cwd, "calls"), "--json"],
      { env: {}, interruptAt: "target" },
    );
    expect(record).toMatchObject({ code: 0, err: expect.stringContaining("0 calls are in") });
    expect(JSON.parse(record.out)).toMatchObject({ target: "http://127.0.0.1:1/" });
  });

  it("of mock has no lines of --log in it: they are on standard error", async () => {
    const [out, err]: [string[], string[]] = [[], []];
    let stop = () => {};
    const listening = new Promise<void>((resolve) => {
      void runCli(["mock", "--port", "0", "--log", "--json"], {
        ...SILENT,
        out: (line) => void out.push(line),
        err: (line) => void err.push(line),
        onInterrupt(interrupt) {
          stop = interrupt;
          resolve();
          return () => {};
        },
      });
    });
    await listening;
    const { url } = JSON.parse(out.join("\n"));
    await fetch(`${url}/api`, { method: "POST", body: '{"method":"receipts.check","params":{"id":"a"}}' });
    stop();
    expect(out).toHaveLength(1);
    expect(err.join("\n")).toContain("receipts.check");
  });

  it("of story is null where the books know nothing", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "payme-kit-json-"));
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
    const { sqliteStorage } = await import("../../src/entry/sqlite");
    const file = join(cwd, "shop.db");
    const storage = sqliteStorage({ file });
    await storage.migrate();
    await storage.close();
    expect(await documentOf(["story", "x", "--database", file])).toEqual({ code: 1, document: null });
  });
});
