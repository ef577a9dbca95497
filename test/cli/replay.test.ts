import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Recording } from "../../src/recording/recording";
import { createEndpoint, KEY } from "../faulty/endpoints/reference";
import { clientSession, merchantSession } from "../recording/sessions";
import { cli, served } from "./kit";

function fileOf({ exchanges, isCutOff, ...header }: Recording, more = ""): string {
  const folder = mkdtempSync(join(tmpdir(), "payme-kit-replay-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "recording.jsonl");
  writeFileSync(file, `${[header, ...exchanges].map((line) => JSON.stringify(line)).join("\n")}\n${more}`);
  return file;
}

const otherwise = (answer: object, method: string) =>
  method === "receipts.pay" && "error" in answer
    ? { ...answer, error: { code: -31604, message: "Чек оплачен", data: null } }
    : answer;

describe("payme-kit replay", () => {
  it("ends with 0 where the mock answers as recorded, and lists what the recording says about open questions", async () => {
    const { recording } = await clientSession();
    const { code, out } = await cli(["replay", fileOf(recording)]);
    expect(code).toBe(0);
    expect(out).toContain("17 calls were made again: 0 differences, 0 in words only, 0 skipped.");
    expect(out).toMatch(/fail\?\n.*860006\*{6}0842.*\n.*cards\.get_verify_code: -31301/);
    expect(out).toContain("note 14 the receipt was paid, by no call of this recording");
  });

  it("ends with 1 where it answers otherwise, and says where", async () => {
    const { recording } = await clientSession(otherwise);
    const { code, out } = await cli(["replay", fileOf(recording)]);
    expect(code).toBe(1);
    expect(out).toMatch(/DIFF code \d+ receipts\.pay error\.code: recorded -31604, given -31602/);
    expect(out).toMatch(/words \d+ receipts\.pay error\.message: recorded "Чек оплачен"/);
  });

  it("prints one JSON document with --json", async () => {
    const { recording } = await clientSession(otherwise);
    const { code, out } = await cli(["replay", fileOf(recording), "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      compared: 17,
      differences: [{ kind: "code", path: "error.code" }, { kind: "text" }],
      questions: expect.arrayContaining([expect.objectContaining({ evidence: expect.any(Array) })]),
    });
  });

  it("uses what stands before a line that was cut off", async () => {
    const { recording } = await clientSession();
    const { code, err } = await cli(["replay", fileOf(recording, '{"n":18,"a')]);
    expect(code).toBe(0);
    expect(err).toContain("the last line is incomplete");
  });
});

describe("payme-kit replay --to", () => {
  it("makes Payme's calls to an endpoint again", async () => {
    const file = fileOf(await merchantSession(createEndpoint().fetch, KEY));
    const right = await served();
    const wrong = await served({ refundState: -1 });
    onTestFinished(async () => {
      await right.close();
      await wrong.close();
    });
    const same = await cli(["replay", file, "--to", right.url]);
    expect(same.code).toBe(0);
    expect(same.out).toContain(" 0 differences");
    const { code, out } = await cli(["replay", file, "--to", wrong.url, "--account", "1=7", "--account", "2=8"]);
    expect(code).toBe(1);
    expect(out).toMatch(/DIFF state \d+ CancelTransaction result\.state: recorded -2, given -1/);
    expect(out).not.toContain(KEY);
  });
});

describe("payme-kit replay cannot run: exit code 2", () => {
  it.each([
    ["without a recording", [], "missing required argument"],
    ["with a recording that is not there", ["/nowhere/x.jsonl"], "ENOENT"],
    ["with a file that is none", [import.meta.filename], "no recording"],
  ])("%s", async (_, args, because) => {
    const { code, err } = await cli(["replay", ...args]);
    expect(code).toBe(2);
    expect(err).toContain(because);
  });

  it("with nothing to make again, an address elsewhere, no key or an account that is none", async () => {
    const shop = fileOf(await merchantSession(createEndpoint().fetch, KEY));
    const because = async (args: string[], env = { PAYME_KEY: KEY }) => {
      const { code, err } = await cli(["replay", shop, ...args], { env });
      expect(code).toBe(2);
      return err;
    };
    expect(await because([])).toContain("give --to");
    expect(await because(["--to", "https://shop.example"])).toContain("--yes");
    expect(await because(["--to", "shop"])).toContain("no http(s) address");
    expect(await because(["--to", "http://127.0.0.1:1"], { PAYME_KEY: "" })).toContain("PAYME_KEY");
    expect(await because(["--to", "http://127.0.0.1:1", "--account", "7"])).toContain("recorded=given");
  });
});
