import { afterEach, describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { createTestClock } from "../../src/entry/testing";
import { som } from "../../src/kit/money";
import { CertifierError } from "../../src/tools/certifier/certifier-error";
import { isScenario, SCENARIOS, type ScenarioName } from "../../src/tools/certifier/scenarios";
import { trigger } from "../../src/tools/certifier/trigger";
import { createEndpoint, KEY, type Rules } from "../faulty/endpoints/reference";
import { createShop, KEY as SHOP_KEY } from "../merchant/shop";
import { cli, served } from "./kit";

const AMOUNT = ["--amount", "5000000"];
const ORDER = ["--account", "order_id=1", ...AMOUNT];
const order = { account: { order_id: "1" }, amount: som(50_000) };

const open: { close(): unknown }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

async function endpoint(mistake: Partial<Rules> = {}) {
  const server = await served(mistake);
  open.push(server);
  return server;
}

/** The calls of each story, and what becomes of the order. */
const STORIES: Readonly<Record<ScenarioName, { methods: string; status: string; fulfilled: number }>> = {
  paid: { methods: "CheckPerform Create Perform Check", status: "paid", fulfilled: 1 },
  declined: { methods: "CheckPerform Create Cancel Check", status: "new", fulfilled: 0 },
  timeout: { methods: "CheckPerform Create Cancel Check", status: "new", fulfilled: 0 },
  refund: { methods: "CheckPerform Create Perform Cancel Check", status: "refunded", fulfilled: 1 },
  "lost-answer": { methods: "CheckPerform Create Create Perform Perform Check", status: "paid", fulfilled: 1 },
  "double-perform": { methods: "CheckPerform Create Perform Perform Perform Check", status: "paid", fulfilled: 1 },
  "late-perform": { methods: "CheckPerform Create Perform Cancel Check", status: "new", fulfilled: 0 },
  "fiscal-refused": { methods: "CheckPerform Create Perform SetFiscalData Check", status: "paid", fulfilled: 1 },
  "wrong-amount": { methods: "CheckPerform Create CheckPerform", status: "new", fulfilled: 0 },
};

describe("our own endpoint answers as Payme expects", () => {
  it.each(Object.keys(SCENARIOS).filter(isScenario))("%s", async (scenario) => {
    const { methods, ...end } = STORIES[scenario];
    const shop = createShop();
    await shop.ready;
    const told: string[] = [];
    const result = await trigger({
      scenario,
      api: fetchMerchant(shop.merchant),
      key: SHOP_KEY,
      order,
      now: shop.now,
      sleep: async (ms) => shop.pass(ms),
      onCall: ({ method }) => told.push(method),
    });
    expect(result).toMatchObject({ scenario, isExpected: true });
    expect(result.calls.map(({ method }) => method)).toEqual(told);
    expect(told.map((method) => method.replace("Transaction", "")).join(" ")).toBe(methods);
    expect(shop.order()).toMatchObject(end);
  });
});

const BROKEN: readonly [ScenarioName, because: string, Partial<Rules>][] = [
  ["paid", "expected state 2; got result", { performed: (row) => ({ ...row, state: 1 }) }],
  ["paid", "create_time: a positive whole number of 13 digits", { ownTime: (now) => Math.floor(now / 1_000) }],
  ["paid", "expected allow true; got result {}", { allows: {} }],
  ["paid", "expected HTTP status 200; got HTTP 201", { httpStatus: () => 201 }],
  ["paid", "got error -32504", { authorises: () => false }],
  [
    "declined",
    "expected state -1, reason 2, perform_time 0; got result",
    { checked: (row) => ({ ...row, reason: null }) },
  ],
  ["timeout", "expected state -1, reason 4, perform_time 0; got result", { checked: (row) => ({ ...row, reason: 3 }) }],
  ["refund", "expected state -2; got result", { refundState: -1 }],
  ["lost-answer", "the same as before", { createdAgain: (row) => ({ ...row, create_time: row.create_time + 1 }) }],
  ["lost-answer", "the same as before", { performedAgain: (row) => ({ ...row, perform_time: row.perform_time + 1 }) }],
  ["double-perform", "the same as before", { performedAgain: (row, now) => ({ ...row, perform_time: now + 1 }) }],
  ["fiscal-refused", "expected success true; got result", { fiscalAnswer: () => ({ success: false }) }],
  ["wrong-amount", "expected error -31001; got result", { isRightAmount: () => true }],
];

describe("a broken endpoint is found: exit code 1", () => {
  it.each(BROKEN)("%s: %s", async (scenario, because, mistake) => {
    const { url } = await endpoint(mistake);
    const { code, out } = await cli(["trigger", scenario, "--to", url, ...ORDER]);
    expect(code).toBe(1);
    expect(out).toContain("FAIL      expected ");
    expect(out).toContain(because);
    expect(out).toContain("not what Payme expects");
  });

  it("late-perform, where there are no 12 hours", async () => {
    const clock = createTestClock(Date.UTC(2026, 0, 15));
    const api = createEndpoint({ lifetimeMs: Number.POSITIVE_INFINITY }, clock.now);
    const { now, sleep } = clock;
    const playing = trigger({ scenario: "late-perform", api, key: KEY, order, now, sleep });
    await clock.advance(60_000);
    const { isExpected, calls } = await playing;
    expect(isExpected).toBe(false);
    expect(calls.at(-1)).toMatchObject({ method: "PerformTransaction", expected: "error -31008" });
  });

  it("and the order is free again where the story broke off", async () => {
    const { url } = await endpoint({ createdAgain: (row) => ({ ...row, create_time: row.create_time + 1 }) });
    expect((await cli(["trigger", "lost-answer", "--to", url, ...ORDER])).code).toBe(1);
    expect((await cli(["trigger", "paid", "--to", url, ...ORDER])).code).toBe(0);
  });
});

describe("an endpoint of another make passes", () => {
  it.each(["refund", "fiscal-refused", "paid"] satisfies ScenarioName[])(
    "%s, also without what is optional",
    async (scenario) => {
      const { url } = await endpoint({ refusesRefund: true, hasFiscalData: false });
      expect(await cli(["trigger", scenario, "--to", url, ...ORDER])).toMatchObject({ code: 0 });
    },
  );

  it("late-perform, over HTTP by the real clock", async () => {
    const { url } = await endpoint();
    expect(await cli(["trigger", "late-perform", "--to", url, ...ORDER])).toMatchObject({ code: 0 });
  }, 30_000);
});

describe("payme-kit trigger", () => {
  it("prints each call, its answer and what Payme expects", async () => {
    const { url } = await endpoint();
    const { code, out } = await cli(["trigger", "paid", "--to", url, ...ORDER]);
    expect(code).toBe(0);
    expect(out).toContain("paid: the payer pays");
    expect(out).toMatch(
      /\nPerformTransaction\n {2}request {3}\{.*"method":"PerformTransaction".*\}\n {2}answer {4}HTTP 200 \{.*"state":2.*\}\n {2}ok {8}state 2, perform_time in milliseconds\n/,
    );
    expect(out).toMatch(/Each answer is what Payme expects\.$/);
  });

  it("prints one JSON document with --json, and nothing else there", async () => {
    const { url } = await endpoint({ refundState: -1 });
    const { code, out, err } = await cli(["trigger", "refund", "--to", url, ...ORDER, "--json"]);
    expect(code).toBe(1);
    const { scenario, isExpected, calls } = JSON.parse(out);
    expect({ scenario, isExpected }).toEqual({ scenario: "refund", isExpected: false });
    expect(calls.at(-1)).toMatchObject({
      method: "CancelTransaction",
      isExpected: false,
      expected: "state -2",
      exchange: { request: { authorization: "Basic base64(Paycom:<key>)" }, response: { status: 200 } },
    });
    expect(err).toContain("Do not use a real one");
  });

  it("takes a key from standard input, and prints it nowhere, though the endpoint answers with it", async () => {
    const forms = [KEY, Buffer.from(`Paycom:${KEY}`).toString("base64")];
    const { url } = await endpoint({ isRightAmount: () => false, message: (text) => `${text}: ${forms.join(" ")}` });
    for (const extra of [[], ["--json"]]) {
      const args = ["trigger", "paid", "--to", url, ...ORDER, "--key-stdin", ...extra];
      const { code, out, err } = await cli(args, { env: {}, stdin: `${KEY}\n` });
      expect(code).toBe(1);
      expect(out).toContain("<key>");
      for (const form of forms) expect(`${out}${err}`).not.toContain(form);
    }
  });

  it("tells every scenario in its help", async () => {
    const { code, out } = await cli(["trigger", "--help"]);
    expect(code).toBe(0);
    for (const [name, { about }] of Object.entries(SCENARIOS)) expect(out).toContain(`${name.padEnd(15)} ${about}`);
    expect(Object.keys(SCENARIOS)).toEqual(Object.keys(STORIES));
  });

  it("interrupted, ends with 2 and frees the order", async () => {
    const { url } = await endpoint();
    const { code, err } = await cli(["trigger", "paid", "--to", url, ...ORDER], { interruptAt: "CreateTransaction" });
    expect(code).toBe(2);
    expect(err).toContain("interrupted");
    expect(await cli(["trigger", "declined", "--to", url, ...ORDER])).toMatchObject({ code: 0 });
  });
});

describe("payme-kit trigger could not run: exit code 2", () => {
  const NOWHERE = ["--to", "http://127.0.0.1:1"];
  it.each([
    ["with a scenario that is none", ["payed", ...NOWHERE, ...ORDER], "there are paid, declined"],
    ["with the name of a member of every object", ["toString", ...NOWHERE, ...ORDER], "no scenario toString"],
    ["without an endpoint", ["paid", ...ORDER], "--to"],
    ["with an address that is none", ["paid", "--to", "payme", ...ORDER], "not an address"],
    ["without an order", ["paid", ...NOWHERE, ...AMOUNT], "--account field=value"],
    ["with an account without a value", ["paid", ...NOWHERE, "--account", "order_id", ...AMOUNT], "write field=value"],
    ["with an amount in som", ["paid", ...NOWHERE, "--account", "a=1", "--amount", "50000.50"], "tiyin"],
    ["with an endpoint that is not there", ["paid", ...NOWHERE, ...ORDER], "no answer from the endpoint"],
    ["against another machine, without --yes", ["paid", "--to", "https://shop.example/payme", ...ORDER], "--yes"],
  ])("%s", async (_, args, because) => {
    const { code, err } = await cli(["trigger", ...args]);
    expect(code).toBe(2);
    expect(err).toContain(because);
  });

  it("without a key", async () => {
    const { code, err } = await cli(["trigger", "paid", ...NOWHERE, ...ORDER], { env: {} });
    expect(code).toBe(2);
    expect(err).toContain("PAYME_KEY");
  });
});

it("an endpoint that falls silent in the middle is told from one that is not there", async () => {
  const right = createEndpoint();
  let calls = 0;
  const api = (request: Request) => (++calls > 2 ? Promise.reject(new Error("gone")) : right.fetch(request));
  const { isExpected, calls: told } = await trigger({ scenario: "paid", api, key: KEY, order });
  expect(isExpected).toBe(false);
  expect(told.at(-1)).toMatchObject({ method: "PerformTransaction", got: "gone" });
  const nowhere = () => Promise.reject(new Error("gone"));
  await expect(trigger({ scenario: "paid", api: nowhere, key: KEY, order })).rejects.toThrow(CertifierError);
});
