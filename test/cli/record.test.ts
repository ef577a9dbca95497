import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPaymeClient } from "../../src/entry/client";
import { runCli } from "../../src/tools/cli/run-cli";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { readRecording } from "../recorder/kit";
import { cli, SILENT } from "./kit";

const PAN = "8600495473316478";

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "payme-kit-record-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs `payme-kit record` until `use` is done with it. */
async function recorded(args: readonly string[], use: (url: string) => Promise<unknown>) {
  const lines: string[] = [];
  let interrupt = () => {};
  const ended = runCli(["record", "--port", "0", ...args], {
    ...SILENT,
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(line),
    onInterrupt(stop) {
      interrupt = stop;
      return () => {};
    },
  });
  const listening = async () => {
    for (;;) {
      const url = /^Recording (\S+)/m.exec(lines.join("\n"))?.[1];
      if (url !== undefined) return url;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const url = await Promise.race([listening(), ended.then((code) => Promise.reject(new Error(`ended with ${code}`)))]);
  await use(url);
  interrupt();
  return { code: await ended, text: lines.join("\n") };
}

describe("payme-kit record", () => {
  it("writes down what a client and Payme say, and shows nothing secret", async () => {
    const mock = createMockPayme({ key: "planted-key-of-the-cashbox-0123456789" });
    const server = await mock.listen();
    onTestFinished(server.close);
    const out = join(temporary(), "recordings");
    let token = "";
    const { code, text } = await recorded(["--to", server.url, "--out", out], async (url) => {
      const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, apiUrl: url });
      ({ token } = await client.cards.create({ number: PAN, expire: "0399", save: true }));
      await client.cards.verify({ token, code: "666666" });
      await client.receipts.check("65a0c1d2e3f4a5b6c7d8e9f0").catch(() => {});
    });
    expect(code).toBe(0);
    expect(text).toMatch(/1 {2}cards\.create -> Payme {2}HTTP 200 {2}\d+ ms/);
    expect(text).toContain("3 calls are in ");
    expect(text).toContain("Read it before you share it.");
    const names = readdirSync(out).filter((name) => name.endsWith(".jsonl"));
    expect(names).toHaveLength(1);
    const written = readFileSync(join(out, names[0] ?? ""), "utf8");
    expect(token).not.toBe("");
    for (const secret of [PAN, token, "666666", mock.key]) expect(`${text}${written}`).not.toContain(secret);
    const { calls: exchanges } = readRecording(join(out, names[0] ?? ""));
    expect(exchanges.map(({ request }) => request.method)).toEqual(["cards.create", "cards.verify", "receipts.check"]);
    expect(exchanges[1]?.request.body).toMatchObject({ value: { params: { token: "token-1", code: "[hidden]" } } });
    expect(exchanges[2]?.response?.body).toMatchObject({ value: { error: { code: -31602 } } });
  });

  it("tells of a target that is not there, and goes on", async () => {
    const { code, text } = await recorded(["--to", "http://127.0.0.1:1", "--out", temporary()], async (url) => {
      expect((await fetch(url, { method: "POST", body: '{"method":"CheckTransaction"}' })).status).toBe(502);
      expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(502);
    });
    expect(code).toBe(0);
    expect(text).toMatch(/1 {2}CheckTransaction -> shop {2}unreachable \(ECONNREFUSED\)/);
    expect(text).toContain("2 calls are in ");
  });

  it("warns where more than this machine reaches it", async () => {
    const { text } = await recorded(
      ["--to", "http://127.0.0.1:1", "--host", "0.0.0.0", "--out", temporary()],
      async () => {},
    );
    expect(text).toContain("warning: everyone who reaches");
  });
});

describe("payme-kit record cannot run: exit code 2", () => {
  it.each([
    ["without a target", [], "--to"],
    ["with a target that is none", ["--to", "shop"], "not an http(s) address"],
    ["with a target of another kind", ["--to", "ftp://shop/"], "not an http(s) address"],
    ["with a password in the target", ["--to", "http://a:planted@shop/"], "no user, password"],
    ["with a port that is none", ["--to", "http://127.0.0.1:1", "--port", "99999"], "--port"],
    ["with no time at all", ["--to", "http://127.0.0.1:1", "--timeout", "0"], "from 1 to"],
    ["with a time that is none", ["--to", "http://127.0.0.1:1", "--timeout", "soon"], "--timeout"],
    [
      "with an address that is not ours",
      ["--to", "http://127.0.0.1:1", "--port", "0", "--host", "203.0.113.7"],
      "cannot listen",
    ],
  ])("%s", async (_, args, because) => {
    const { code, err } = await cli(["record", ...args]);
    expect(code).toBe(2);
    expect(err).toContain(because);
    expect(err).not.toContain("planted");
  });

  it("with a folder that cannot be made", async () => {
    const file = join(temporary(), "file");
    writeFileSync(file, "");
    const { code, err } = await cli(["record", "--to", "http://127.0.0.1:1", "--port", "0", "--out", join(file, "x")]);
    expect(code).toBe(2);
    expect(err).toContain("cannot be written");
  });
});
