import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { KEY } from "../faulty/endpoints/reference";
import { cli, served } from "./kit";

const LINK = ["link", "--account", "order_id=197", "--amount", "500", "--json"];

function folder(files: Record<string, string> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), "payme-kit-env-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

/** The cashbox of the link that a command line prints. */
async function cashboxOf(cwd: string, args: readonly string[] = [], env = {}) {
  const { code, out, err } = await cli([...LINK, ...args], { cwd, env });
  if (code !== 0) return err;
  return /m=(\w+)/.exec(Buffer.from(JSON.parse(out).link.split("/").at(-1), "base64").toString())?.[1];
}

describe("the file of settings", () => {
  it("is .env of the working folder, where there is one", async () => {
    expect(await cashboxOf(folder({ ".env": "PAYME_MERCHANT_ID=fromfile # a comment\n" }))).toBe("fromfile");
    expect(await cashboxOf(folder())).toContain("set PAYME_MERCHANT_ID");
  });

  it("gives way to the environment, as with process.loadEnvFile", async () => {
    const cwd = folder({ ".env": "PAYME_MERCHANT_ID=fromfile\n" });
    expect(await cashboxOf(cwd, [], { PAYME_MERCHANT_ID: "fromenv" })).toBe("fromenv");
  });

  it("is the one that --env-file names, and .env is not read then", async () => {
    const cwd = folder({ ".env": "PAYME_MERCHANT_ID=fromfile\n", ".env.live": "PAYME_MERCHANT_ID=live\n", none: "" });
    expect(await cashboxOf(cwd, ["--env-file", ".env.live"])).toBe("live");
    expect(await cashboxOf(cwd, ["--env-file", "none"])).toContain("set PAYME_MERCHANT_ID");
    expect(await cashboxOf(cwd, ["--env-file", join(cwd, ".env.live")])).toBe("live");
  });

  it("must be there where --env-file names it: exit code 2", async () => {
    expect(await cashboxOf(folder(), ["--env-file", "gone"])).toBe(
      "payme-kit: --env-file gone: cannot read it (ENOENT)",
    );
  });

  it("is not a folder of that name, which Python makes", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, ".env"));
    expect(await cashboxOf(cwd)).toContain("set PAYME_MERCHANT_ID");
  });

  it.each(["call", "certify", "doctor", "link", "mock", "record", "sign", "story", "trigger"])(
    "is an option of %s",
    async (command) => {
      expect((await cli([command, "--help"])).out).toMatch(/^ {2}--env-file <path>/m);
    },
  );

  it("has the key of the endpoint under the shop's own name", async () => {
    const server = await served();
    onTestFinished(() => void server.close());
    const cwd = folder({ ".env": `PAYME_MERCHANT_KEY='${KEY}'\n` });
    const args = ["--account", "order_id=1", "--amount", "5000000", "--json"];
    const { code, out } = await cli(["trigger", "paid", "--to", server.url, ...args], { cwd, env: {} });
    expect({ code, isExpected: JSON.parse(out).isExpected }).toEqual({ code: 0, isExpected: true });
  });

  it("reaches the command of --orders-from", async () => {
    const server = await served();
    onTestFinished(() => void server.close());
    const cwd = folder({ ".env": `PAYME_KEY='${KEY}'\nFIRST_ORDER=7\n` });
    const from = `node -p "process.env.FIRST_ORDER || 'unset'"`;
    const args = ["--field", "order_id", "--amount", "5000000", "--orders-from", from];
    const { code, err } = await cli(["certify", server.url, ...args], { cwd, env: {} });
    expect(code).toBe(2);
    expect(err).toContain('newOrder gave {"order_id":"7"} twice');
  });
});
