import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { signPayload } from "../../src/gateway/signature";
import vectors from "../vectors/signature.json";
import { cli } from "./kit";
import { runInShell } from "./shell";

const env = { PAYME_SECRET_KEY: "your_secret_key", PAYME_MERCHANT_ID: "65a0b0000000000000000001" };
const BODY = '{"method": "receipts.pay", "params": {"id": "a", "amount": 5000000.0}}';
const SIGNATURE = signPayload(BODY, env.PAYME_SECRET_KEY);

describe("payme-kit sign", () => {
  it.each(vectors)("signs the vector: $name", async ({ body, secret, signature, canonical }) => {
    const given = { env: { PAYME_SECRET_KEY: secret } };
    expect(await cli(["sign", body], given)).toEqual({ code: 0, out: signature, err: "" });
    expect(await cli(["sign", body, "--canonical"], { env: {} })).toEqual({ code: 0, out: canonical, err: "" });
  });

  it("takes the body from standard input and from a file, too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "payme-kit-sign-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "body.json");
    writeFileSync(file, `${BODY}\n`);
    expect((await cli(["sign"], { env, stdin: BODY })).out).toBe(SIGNATURE);
    expect((await cli(["sign", "--file", "-"], { env, stdin: BODY })).out).toBe(SIGNATURE);
    expect((await cli(["sign", "--file", file], { env })).out).toBe(SIGNATURE);
  });

  it("takes the secret from standard input, without the line's end", async () => {
    const { out } = await cli(["sign", BODY, "--key-stdin"], { env: {}, stdin: "your_secret_key\r\n" });
    expect(out).toBe(SIGNATURE);
  });

  it("prints the value of X-Auth", async () => {
    expect((await cli(["sign", BODY, "--x-auth"], { env })).out).toBe(`65a0b0000000000000000001:${SIGNATURE}`);
  });
});

describe("payme-kit sign --verify", () => {
  const verify = (body: string, signature: string, given: Parameters<typeof cli>[1] = { env }) =>
    cli(["sign", body, "--verify", signature], given);

  it("says which reading was signed", async () => {
    const raw = "a11db56e4b4e07bd95733069d2a53c59b70264a2c0b23eb308d49cc07fdc6bdf";
    const [vector] = vectors;
    expect(await verify(vector?.body ?? "", raw)).toMatchObject({ code: 0, out: expect.stringContaining("raw: ") });
    expect(await verify(BODY, SIGNATURE.toUpperCase())).toMatchObject({
      code: 0,
      out: expect.stringContaining("canonical: "),
    });
    const sorted = signPayload('{"a":{"c":1,"d":2},"b":3}', "your_secret_key");
    expect(await verify('{"b":3,"a":{"d":2,"c":1}}', sorted)).toMatchObject({
      code: 0,
      out: expect.stringContaining("sorted: "),
    });
  });

  it("finds a line end that an editor put behind the bytes that were signed", async () => {
    const raw = "a11db56e4b4e07bd95733069d2a53c59b70264a2c0b23eb308d49cc07fdc6bdf";
    const { code, out } = await verify(`${vectors[0]?.body}\n`, raw);
    expect(code).toBe(0);
    expect(out).toContain("without the line end");
  });

  it("ends with 1 where none matches, and says why that usually happens, without the secret", async () => {
    const parsedAndPrinted = JSON.stringify(JSON.parse(BODY));
    const { code, out } = await verify(parsedAndPrinted, SIGNATURE);
    expect(code).toBe(1);
    expect(out).toContain("neither raw, nor canonical, nor sorted");
    expect(out).toContain("parsed and printed again");
    expect(out).toContain("PAYME_SECRET_KEY");
    expect(out).not.toContain("your_secret_key");
  });

  it("sees white space around the secret", async () => {
    const { code, out } = await verify(BODY, SIGNATURE, { env: { PAYME_SECRET_KEY: " your_secret_key" } });
    expect(code).toBe(1);
    expect(out).toContain("white space around it. Without it, the signature matches");
  });

  it("says so where the body is no JSON", async () => {
    expect((await verify("{", SIGNATURE)).out).toContain("not JSON");
  });
});

describe("payme-kit sign --curl", () => {
  it("prints a curl that the shell signs when it runs, with no secret in it", async () => {
    const body = '{"method":"receipts.pay","params":{"id":"it\'s","note":"Тариф $HOME `id`"}}';
    const { code, out } = await cli(["sign", body, "--curl", "http://localhost:8000/payme/webhook"], { env: {} });
    expect(code).toBe(0);
    const ran = runInShell(out, { PAYME_SECRET_KEY: "your_secret_key" });
    expect(ran?.signed ?? [body]).toEqual([ran?.body ?? body]);
    expect(signPayload(ran?.body ?? body, "s")).toBe(signPayload(body, "s"));
  });
});

describe("payme-kit sign cannot run: exit code 2", () => {
  it.each([
    ["without a secret", [BODY], {}, "PAYME_SECRET_KEY"],
    ["without a secret on standard input", [BODY, "--key-stdin"], {}, "no key on standard input"],
    ["without a body", [], env, "empty"],
    ["with a body that is no JSON", ["{"], env, "not JSON"],
    ["with two bodies", [BODY, "--file", "x"], env, "one of them"],
    ["with a file that is not there", ["--file", "/nowhere/body.json"], env, "ENOENT"],
    ["with standard input wanted twice", ["--key-stdin"], env, "both the key and the JSON"],
    ["with a signature of another form", [BODY, "--verify", "abc"], env, "64 hexadecimal digits"],
    ["with two things to do", [BODY, "--canonical", "--x-auth"], env, "one of"],
    ["without a cashbox", [BODY, "--x-auth"], { PAYME_SECRET_KEY: "s" }, "PAYME_MERCHANT_ID"],
    ["with an address that is none", [BODY, "--curl", "shop"], env, "http(s) address"],
  ])("%s", async (_, args, environment, because) => {
    const { code, out, err } = await cli(["sign", ...args], { env: environment });
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(because);
  });
});
