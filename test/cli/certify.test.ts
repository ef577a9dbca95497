import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { KEY, type Rules } from "../faulty/endpoints/reference";
import { cli, served } from "./kit";

const ORDER = ["--field", "order_id", "--amount", "5000000"];
const ORDERS = [...ORDER, "--orders", "1,2,3,4,5,6,7,8"];

const open: { close(): unknown }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

async function endpoint(mistake: Partial<Rules> = {}) {
  const server = await served(mistake);
  open.push(server);
  return server;
}

describe("payme-kit certify could not run: exit code 2", () => {
  it.each([
    ["without an account field", ["http://127.0.0.1:1", "--amount", "1"], "--field"],
    ["with orders for no field", ["http://127.0.0.1:1", "--amount", "1", "--orders", "1,2,3,4,5,6,7,8"], "--field"],
    [
      "with a printed id for no field",
      ["http://127.0.0.1:1", "--amount", "1", "--orders-from", "echo 1"],
      "of the id that --orders-from prints",
    ],
    ...["order_id", "{}", "[]", '{"a":{}}', '{"a":null}'].map((account): [string, string[], string] => [
      `with the account ${account}`,
      ["http://127.0.0.1:1", "--amount", "1", "--fixed-price", "--account", account],
      "--account: must be a JSON object of texts and numbers",
    ]),
    [
      "with an account that is paid once, and no orders",
      ["http://127.0.0.1:1", "--amount", "1", "--account", '{"a":"1"}'],
      "--orders",
    ],
    ["with no time to answer", ["http://127.0.0.1:1", ...ORDERS, "--timeout", "0"], "--timeout"],
    ["with a time that is none", ["http://127.0.0.1:1", ...ORDERS, "--timeout", "30s"], "--timeout"],
    ["with a check that does not exist", ["http://127.0.0.1:1", ...ORDERS, "--only", "creat"], 'is called "creat"'],
    ["with an address that is none", ["payme", ...ORDERS], "not an address"],
    ["with an address of another kind", ["ftp://127.0.0.1/", ...ORDERS], "not an address"],
    ["with an amount in som", ["http://127.0.0.1:1", "--field", "a", "--orders", "1", "--amount", "50000.50"], "tiyin"],
    ["with an amount of nothing", ["http://127.0.0.1:1", "--field", "a", "--orders", "1", "--amount", "0"], "tiyin"],
    [
      "with too few orders",
      ["http://127.0.0.1:1", ...ORDER, "--orders", "1,2,3,4,5,6,7,7"],
      "8 different unpaid orders are needed",
    ],
    ["without orders", ["http://127.0.0.1:1", ...ORDER], "--orders"],
    ["with two sources of orders", ["http://127.0.0.1:1", ...ORDERS, "--orders-from", "echo 1"], "one of them"],
    ["with an endpoint that is not there", ["http://127.0.0.1:1", ...ORDERS], "no answer from the endpoint"],
    [
      "with a command that gives no order",
      ["http://127.0.0.1:1", ...ORDER, "--orders-from", "exit 3"],
      "--orders-from",
    ],
  ])("%s", async (_, args, because) => {
    const { code, err } = await cli(["certify", ...args]);
    expect(code).toBe(2);
    expect(err).toContain(because);
  });

  it("with a command that gives the same order again, and leaves nothing reserved", async () => {
    const { url } = await endpoint();
    const { code, err } = await cli(["certify", url, ...ORDER, "--orders-from", "echo 7"]);
    expect(code).toBe(2);
    expect(err).toContain('newOrder gave {"order_id":"7"} twice');
  });

  it("without a key, and says not to pass one as an argument", async () => {
    const { code, err } = await cli(["certify", "http://127.0.0.1:1", ...ORDERS], { env: {} });
    expect(code).toBe(2);
    expect(err).toContain("PAYME_KEY");
  });

  it("against an address that is not this machine, without --yes: nothing is sent", async () => {
    for (const url of ["https://shop.example/payme", "http://10.0.0.1", "http://127.0.0.1.example", "http://[::2]/"]) {
      const { code, out, err } = await cli(["certify", url, ...ORDERS]);
      expect(code).toBe(2);
      expect(err).toContain("--yes");
      // It says first what it would do.
      expect(out).toContain("creates, performs and cancels");
    }
  });
});

describe("payme-kit certify", () => {
  it("says before its first call that it is not Payme's certification, what it does and how many orders it needs", async () => {
    const { url } = await endpoint();
    const { out } = await cli(["certify", url, ...ORDERS]);
    const lines = out.split("\n");
    expect(lines[0]).toMatch(/^This is not Payme's certification/);
    const introduction = lines
      .slice(
        0,
        lines.findIndex((line) => line.startsWith("ok ")),
      )
      .join("\n");
    expect(introduction).toContain(url);
    expect(introduction).toContain("creates, performs and cancels transactions");
    expect(introduction).toContain("8 orders");
  });

  it("ends with 0 where no check failed, with the checks in the sandbox's own words", async () => {
    const { url } = await endpoint({ hasFiscalData: false });
    const { code, out } = await cli(["certify", url, ...ORDERS]);
    expect(code).toBe(0);
    for (const words of ["Неверная авторизация", "Неверная сумма", "Несуществующий счёт", "Повторный вызов метода"]) {
      expect(out).toContain(`«${words}`);
    }
    expect(out).toMatch(/No check failed: \d+ passed, 2 warned, \d+ skipped\.$/);
  });

  it("ends with 1 where one failed, with the exchange, what was expected, where that is written and how to mend it", async () => {
    const { url } = await endpoint({ refundState: -1 });
    const { code, out } = await cli(["certify", url, ...ORDERS]);
    expect(code).toBe(1);
    const failure = out.slice(out.lastIndexOf("FAIL cancel.performed"));
    expect(failure).toMatch(/expected {2}state -2/);
    expect(failure).toMatch(/got {7}result .*"state":-1/);
    expect(failure).toMatch(/request {3}POST · Authorization: Basic base64\(Paycom:<key>\)/);
    expect(failure).toContain('"method":"CancelTransaction","params":{"id":"');
    expect(failure).toMatch(/answer {4}HTTP 200 \{.*"state":-1/);
    expect(failure).toMatch(/source {4}Payme, CancelTransaction: https:/);
    expect(failure).toMatch(/mend {6}Answer/);
  });

  it("prints one JSON document with --json, and nothing else there", async () => {
    const { url } = await endpoint({ refundState: -1, hasFiscalData: false });
    const { code, out, err } = await cli(["certify", url, ...ORDERS, "--json"]);
    expect(code).toBe(1);
    const { passed, failed, warned, checks } = JSON.parse(out);
    expect({ failed, warned }).toEqual({ failed: 1, warned: 2 });
    expect(checks.filter(({ status }: { status: string }) => status === "passed")).toHaveLength(passed);
    expect(checks.find(({ status }: { status: string }) => status === "failed")).toMatchObject({
      id: "cancel.performed",
      rule: expect.any(String),
      expected: "state -2",
      got: expect.stringContaining('"state":-1'),
      source: expect.stringContaining("https://"),
      exchange: { request: { httpMethod: "POST" }, response: { status: 200 } },
    });
    expect(err).toContain("This is not Payme's certification");
  });

  it("takes each order from a command", async () => {
    const { url } = await endpoint();
    const directory = mkdtempSync(join(tmpdir(), "payme-kit-orders-"));
    open.push({ close: () => rmSync(directory, { recursive: true }) });
    const file = join(directory, "next.cjs");
    const count = join(directory, "count");
    writeFileSync(count, "0");
    writeFileSync(
      file,
      `const fs = require("fs"); const n = Number(fs.readFileSync(${JSON.stringify(count)}, "utf8")) + 1;
      fs.writeFileSync(${JSON.stringify(count)}, String(n)); console.log(n);`,
    );
    const command = `"${process.execPath}" "${file}"`;
    const { code } = await cli(["certify", url, ...ORDER, "--orders-from", command]);
    expect(code).toBe(0);
    expect(readFileSync(count, "utf8")).toBe("8");
  });

  it("takes an account of several fields as JSON, and varies each of them", async () => {
    const second = { name: "branch", isRight: (value: unknown) => value === "7" };
    const right = await endpoint({ second });
    const args = [...ORDERS, "--account", '{"branch":"7"}'];
    expect((await cli(["certify", right.url, ...args])).out).toMatch(/^ok {3}create\.every-field/m);

    const wrong = await endpoint({ second: { name: "branch", isRight: () => true } });
    expect((await cli(["certify", wrong.url, ...args])).out).toMatch(/^FAIL create\.every-field/m);
    const others = [...ORDER, "--orders", "11,12,13,14,15,16,17,18", "--account", '{"branch":"7"}'];
    expect((await cli(["certify", wrong.url, ...others, "--free-fields", "branch"])).code).toBe(0);
  });

  it("takes an account from a command as JSON", async () => {
    const { url } = await endpoint({ second: { name: "branch", isRight: (value) => value === "7" } });
    const command = `"${process.execPath}" -p "JSON.stringify({ order_id: '3', branch: '7' })"`;
    const args = ["--amount", "5000000", "--orders-from", command, "--only", "check-perform.allow"];
    const { code, out } = await cli(["certify", url, ...args]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {3}check-perform\.allow/m);
  });

  it("tries wrong amounts where a fixed price is paid again", async () => {
    const paidAgain: Partial<Rules> = { holdsOrder: () => false, isRightAmount: () => true };
    const { url } = await endpoint(paidAgain);
    const account = ["--account", '{"order_id":"3"}', "--amount", "5000000"];
    expect((await cli(["certify", url, ...account, "--accumulative"])).code).toBe(0);
    const { code, out } = await cli(["certify", url, ...account, "--fixed-price"]);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL create\.wrong-amount/m);
    expect(out).toContain("2 checks failed");
  });

  it("runs one group, with fewer orders", async () => {
    const { url } = await endpoint({ refundState: -1 });
    const { code, out } = await cli(["certify", url, ...ORDER, "--orders", "1,2", "--only", "check-perform, json-rpc"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {3}check-perform\.busy-order/m);
    expect(out).not.toContain("cancel.");
  });

  it("waits no longer than it is told to", async () => {
    const { url } = await endpoint({ leavesUnknownUnanswered: true });
    const { code, out } = await cli(["certify", url, ...ORDERS, "--only", "json-rpc", "--timeout", "150"]);
    expect(code).toBe(1);
    expect(out).toContain("no answer within 0.15 s");
  });

  it("takes a key from standard input, without the line's end", async () => {
    const { url } = await endpoint();
    const { code } = await cli(["certify", url, ...ORDERS, "--key-stdin"], { env: {}, stdin: `${KEY}\n` });
    expect(code).toBe(0);
  });

  it("calls no further where the key is wrong: it says so", async () => {
    const { url, calls } = await endpoint();
    const { code, out } = await cli(["certify", url, ...ORDERS], { env: { PAYME_KEY: "another" } });
    expect(code).toBe(1);
    expect(out).toContain("FAIL auth.right-key");
    expect(out).toMatch(/1 check failed: 1 passed, 0 warned/);
    expect(calls()).toBe(2);
  });
});

describe("an interrupted run", () => {
  it("ends with 2 before its next check, and cancels what is open", async () => {
    const { url, calls } = await endpoint();
    const { code, out, err } = await cli(["certify", url, ...ORDERS], { interruptAt: "create.state" });
    expect(code).toBe(2);
    expect(err).toContain("interrupted");
    expect(out).not.toContain("create.milliseconds");
    const states = await statesAt(url);
    expect(states.length).toBeGreaterThan(0);
    expect(states).not.toContain(1);
    expect(calls()).toBeGreaterThan(states.length);
  });

  /** The states of all transactions. */
  async function statesAt(url: string): Promise<number[]> {
    const headers = { Authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
    const params = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const body = JSON.stringify({ id: 1, method: "GetStatement", params });
    const answer = JSON.parse(await (await fetch(url, { method: "POST", headers, body })).text());
    return answer.result.transactions.map(({ state }: { state: number }) => state);
  }
});

describe("the key", () => {
  /** In each form in which a careless endpoint or a careless report may write it. */
  const forms = [
    KEY,
    encodeURIComponent(KEY),
    Buffer.from(KEY).toString("base64"),
    Buffer.from(`Paycom:${KEY}`).toString("base64"),
    KEY.slice(0, 18),
  ];

  it("is nowhere in what is printed, though the endpoint answers with it", async () => {
    const leaky: Partial<Rules> = {
      authorises: () => true,
      message: (text) => `${text}: ${forms.slice(0, 4).join(" ")}`,
    };
    const { url } = await endpoint(leaky);
    for (const extra of [[], ["--json"]]) {
      const { code, out, err } = await cli(["certify", url, ...ORDERS, ...extra]);
      expect(code).toBe(1);
      expect(out).toContain("<key>");
      for (const form of forms) expect(`${out}${err}`).not.toContain(form);
    }
  });

  it("is in no error", async () => {
    const { err } = await cli(["certify", "http://127.0.0.1:1", ...ORDERS]);
    expect(err).toContain("no answer from the endpoint");
    for (const form of forms) expect(err).not.toContain(form);
  });
});
