import { describe, expect, it, onTestFinished } from "vitest";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { serve } from "../../src/tools/mock-server/server";
import { cli } from "./kit";
import { runInShell } from "./shell";

const PAN = "8600495473316478";
const KEY = "k3y-of#the$cashbox:0123456789-abcdefg";

async function served(options: MockPaymeOptions = {}) {
  const mock = createMockPayme({ key: KEY, ...options });
  const { url, close } = await mock.listen();
  onTestFinished(close);
  const env = {
    PAYME_MERCHANT_ID: mock.merchantId,
    PAYME_SECRET_KEY: KEY,
    PAYME_TEST_API_URL: url,
    PAYME_TEST_MODE: "true",
  };
  const call = (method: string, params: object, ...flags: string[]) =>
    cli(["call", method, JSON.stringify(params), ...flags], { env });
  return { mock, url, env, call };
}

async function withReceipt(auth: string) {
  const shop = await served();
  const made = await shop.call("receipts.create", { amount: 500, account: { order_id: 1 } }, "--auth", auth);
  expect(made.code).toBe(0);
  return { ...shop, id: String(JSON.parse(made.out).receipt._id) };
}

describe.each(["key", "signature"])("payme-kit call with auth %s", (auth) => {
  it("prints the answer as JSON, and says where it asked", async () => {
    const { call, id, url } = await withReceipt(auth);
    const { code, out, err } = await call("receipts.check", { id }, "--auth", auth);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ state: 0 });
    expect(err).toContain(`receipts.check at ${url} (test, auth ${auth})`);
  });

  it("prints a curl that gets the same answer", async () => {
    const { call, id, env, mock } = await withReceipt(auth);
    const { out, code } = await call("receipts.get", { id }, "--auth", auth, "--curl");
    expect(code).toBe(0);
    expect(out).not.toContain(KEY);
    const ran = runInShell(out, env);
    if (ran === undefined) return;
    expect(ran.signed).toEqual([]);
    const answer = await mock.fetch(ran.url, { method: "POST", headers: ran.headers, body: ran.body });
    expect(await answer.json()).toMatchObject({ result: { receipt: { _id: id } } });
  });

  it("tells a refusal with its code, its reason and a hint: exit code 1", async () => {
    const { call } = await served();
    const { code, out, err } = await call("receipts.check", { id: "65a0c1d2e3f4a5b6c7d8e9f0" }, "--auth", auth);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("Payme refused: Чек не найден или оплачен");
    expect(err).toMatch(/code {4}-31602\n {2}reason {2}receipt\n {2}hint {4}Payme answers this for a receipt/);
    expect(err).toContain("The same with curl:\ncurl -sS");
  });
});

describe("secrets", () => {
  it("in the parameters stand in the curl as variables of the shell, and it does the same with them", async () => {
    const { call, env, mock } = await served();
    const made = await call("cards.create", { card: { number: PAN, expire: "0399" }, save: true }, "--show-token");
    const { token } = JSON.parse(made.out).card;
    for (const auth of ["key", "signature"]) {
      const { out } = await call("cards.check", { token }, "--auth", auth, "--curl");
      expect(out).not.toContain(token);
      expect(out).toMatch(/^# set PAYME_CARD_TOKEN first\n/);
      const ran = runInShell(out, { ...env, PAYME_CARD_TOKEN: token });
      if (ran === undefined) return;
      const answer = await mock.fetch(ran.url, { method: "POST", headers: ran.headers, body: ran.body });
      expect(await answer.json()).toMatchObject({ result: { card: { token } } });
    }
  });

  it("are nowhere in what is printed", async () => {
    const { call } = await served();
    const cards = await call("cards.create", { card: { number: PAN, expire: "0399", cvv: "737" }, save: true });
    expect(JSON.parse(cards.out).card).toMatchObject({ number: "860049******6478", token: "[hidden]" });
    const { out } = await call("cards.create", { card: { number: PAN, expire: "0399" }, save: true }, "--show-token");
    const { token } = JSON.parse(out).card;
    const verified = await call("cards.verify", { token, code: "666666" });
    const refused = await call("cards.verify", { token, code: "123456" });
    const texts = [cards, verified, refused].map((run) => `${run.out}\n${run.err}`).join("\n");
    for (const secret of [PAN, "737", token, "666666", "123456", KEY]) expect(texts).not.toContain(secret);
    expect([cards.code, verified.code, refused.code]).toEqual([0, 0, 1]);
  });

  it("a write's signature is made when the command runs: a printed one would be good for ever", async () => {
    const { call, id, env } = await withReceipt("signature");
    const { out } = await call("receipts.cancel", { id }, "--auth", "signature", "--curl");
    expect(out).not.toMatch(/[0-9a-f]{64}/);
    const ran = runInShell(out, env);
    expect(ran?.signed ?? []).toEqual(ran === undefined ? [] : [ran.body]);
    expect(ran?.headers["X-Auth"] ?? "signature-of-the-body").toContain("signature-of-the-body");
    expect(JSON.parse(ran?.body ?? '{"method":"receipts.cancel"}').method).toBe("receipts.cancel");
  });
});

describe("payme-kit call", () => {
  it("takes Payme's own scheme, as the client does, unless PAYME_AUTH or --auth says otherwise", async () => {
    const { env } = await served();
    const schemeOf = async (given: Record<string, string>, ...flags: string[]) =>
      /auth (\w+)\)/.exec(
        (await cli(["call", "receipts.get_all", "{}", ...flags], { env: { ...env, ...given } })).err,
      )?.[1];
    expect(await schemeOf({})).toBe("key");
    expect(await schemeOf({ PAYME_AUTH: "" })).toBe("key");
    expect(await schemeOf({ PAYME_AUTH: "signature" })).toBe("signature");
    expect(await schemeOf({ PAYME_AUTH: "signature" }, "--auth", "key")).toBe("key");
  });

  it("reads parameters from standard input", async () => {
    const { env, mock } = await served();
    const stdin = JSON.stringify({ amount: 700, account: { order_id: 2 } });
    expect((await cli(["call", "receipts.create", "--file", "-"], { env, stdin })).code).toBe(0);
    expect(mock.receipts()).toMatchObject([{ amount: 700 }]);
  });

  it("takes the key from standard input", async () => {
    const { env } = await served();
    const { code } = await cli(["call", "receipts.get_all", "--key-stdin", "--auth", "key"], {
      env: { ...env, PAYME_SECRET_KEY: undefined },
      stdin: `${KEY}\n`,
    });
    expect(code).toBe(0);
  });

  it("a change where money may be real is not sent without --yes; a read is", async () => {
    const { env } = await served();
    const live = { ...env, PAYME_TEST_MODE: "false", PAYME_API_URL: "https://payme.invalid" };
    const write = await cli(["call", "receipts.cancel", '{"id":"a"}'], { env: live });
    expect(write.code).toBe(2);
    expect(write.err).toContain("confirm with --yes");
    const unknown = await cli(["call", "receipts.p3p"], { env: live });
    expect(unknown.err).toContain("confirm with --yes");
    const asked = await cli(["call", "receipts.check", '{"id":"a"}'], { env: live });
    expect(asked.err).not.toContain("--yes");
    expect(asked.code).toBe(2);
    const meant = await cli(["call", "receipts.cancel", '{"id":"a"}', "--yes"], { env: live });
    expect(meant.err).not.toContain("--yes");
    expect(meant.err).toContain("could not be reached");
  }, 60_000);

  it.each([
    ["https://checkout.paycom.uz", true],
    ["https://checkout.test.paycom.uz", false],
    ["https://test.paycom.uz", false],
    ["https://test.paycom.uz.example", true],
    ["http://127.0.0.1:1", false],
  ])("%s may move money: %s", async (url, isMoney) => {
    const { mayMoveMoney } = await import("../../src/tools/cli/call");
    expect(mayMoveMoney(url)).toBe(isMoney);
  });

  it("a change whose answer is lost ends with 3, and names the read that settles it", async () => {
    const { call, mock } = await served();
    mock.faults.add({ kind: "drop_after", method: "receipts.create" });
    const { code, err } = await call("receipts.create", { amount: 500, account: { order_id: 1 } });
    expect(code).toBe(3);
    expect(err).toContain("receipts.get_all");
    expect(mock.receipts()).toHaveLength(1);
  });

  it("sends the guide's signature to the guide's own host when --url names it, whatever the scheme", async () => {
    const { env } = await served();
    const { out } = await cli(
      ["call", "receipts.check", "{}", "--url", "https://test.paycom.uz/api", "--auth", "key", "--curl"],
      {
        env,
      },
    );
    expect(out).toContain("'https://test.paycom.uz/api'");
  });

  it("an answer that is no JSON-RPC is told with a hint", async () => {
    const { url, close } = await serve(async () => new Response("<html>", { status: 404 }));
    onTestFinished(close);
    const { env } = await served();
    const { code, err } = await cli(["call", "receipts.check", "{}", "--url", url], { env });
    expect(code).toBe(2);
    expect(err).toContain("HTTP 404");
    expect(err).toContain("The other combination");
  });
});

describe("payme-kit call cannot run: exit code 2", () => {
  const env = { PAYME_MERCHANT_ID: "65a0b0000000000000000001", PAYME_SECRET_KEY: KEY };
  it.each([
    ["without a cashbox", ["receipts.check"], {}, "PAYME_MERCHANT_ID"],
    ["with parameters that are no JSON", ["receipts.check", "{id:1}"], env, "not JSON"],
    ["with parameters that are no object", ["receipts.check", "[1]"], env, "JSON object"],
    ["with both modes", ["receipts.check", "--test", "--live"], env, "one of them"],
    ["with an unknown scheme", ["receipts.check", "--auth", "basic"], env, "PAYME_AUTH"],
    ["with plain http to elsewhere", ["receipts.check", "--url", "http://10.0.0.1"], env, "unencrypted"],
    ["with a change called a read", ["receipts.pay", "--read"], env, "makes a change"],
    ["with no method", [], env, "missing required argument"],
    ["with a method that is none", ["receipts check"], env, "name like receipts.get"],
  ])("%s", async (_, args, environment, because) => {
    const { code, err } = await cli(["call", ...args], { env: environment });
    expect(code).toBe(2);
    expect(err).toContain(because);
    expect(err).not.toContain(KEY);
  });
});
