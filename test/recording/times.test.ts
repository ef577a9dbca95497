import { describe, expect, it } from "vitest";
import { createPaymeClient } from "../../src/client";
import { createMockPayme } from "../../src/mock/mock-payme";
import { som } from "../../src/money";
import { compareAnswers } from "../../src/recording/compare-answers";
import { compareWithMock } from "../../src/recording/compare-with-mock";
import { replayToMerchant } from "../../src/recording/replay-to-merchant";
import { createEndpoint, KEY } from "../faulty/endpoints/reference";
import { recording } from "./kit";
import { asRecording, merchantSession } from "./sessions";

const DAY_MS = 86_400_000;

/** A refund at a Payme whose queue takes so long, asked about after so long; on a clock of its own. */
async function refund({ queueMs, askedAfterMs }: { queueMs: number; askedAfterMs: number }) {
  let time = Date.UTC(2026, 0, 15);
  const now = () => time;
  const mock = createMockPayme({ now, cancelDelayMs: queueMs });
  const server = await mock.listen();
  const proxy = await recording(server.url, { now });
  const { receipts } = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, apiUrl: proxy.url });
  const { _id: id } = await receipts.create({ amount: som(5), account: { order_id: 1 } });
  await mock.pay(id, { card: { number: "8600495473316478", expire: "0399" } });
  await receipts.check(id);
  await receipts.cancel(id);
  time += askedAfterMs;
  await receipts.check(id);
  await proxy.close();
  await server.close();
  return asRecording(proxy.exchanges);
}

describe("the mock's clock shows the recorded times", () => {
  it("a refund that takes as long as the mock's is no difference, and nothing is assumed about it", async () => {
    const { differences, assumed } = await compareWithMock(await refund({ queueMs: 60_000, askedAfterMs: 61_000 }));
    expect(differences).toEqual([]);
    expect(assumed.map(({ what }) => what)).toEqual(["the receipt was paid, by no call of this recording"]);
  });

  it("one that is through sooner is told", async () => {
    const { differences, assumed } = await compareWithMock(await refund({ queueMs: 5_000, askedAfterMs: 6_000 }));
    expect(differences).toEqual([]);
    expect(assumed.at(-1)?.what).toContain("sooner than in the mock");
  });

  it("one that takes longer is a difference", async () => {
    const { differences } = await compareWithMock(await refund({ queueMs: 600_000, askedAfterMs: 61_000 }));
    expect(differences).toMatchObject([{ kind: "state", recorded: 21, given: 50 }]);
  });
});

describe("Payme's calls of yesterday", () => {
  /** The same session, as if it had been recorded earlier. */
  async function yesterday() {
    const today = await merchantSession(createEndpoint().fetch, KEY);
    const text = JSON.stringify(today.exchanges);
    const earlier = text.replace(
      /("(?:at|time|from|to|\w+_time)":)(\d{13})\b/g,
      (_, name, time) => `${name}${Number(time) - DAY_MS}`,
    );
    return asRecording(JSON.parse(earlier));
  }

  it("are made again with times of today: their 12 hours are not over", async () => {
    const { differences } = await replayToMerchant(await yesterday(), { fetch: createEndpoint().fetch, key: KEY });
    expect(differences).toEqual([]);
  });

  it("can be made again and again at one endpoint: transactions have new ids each time", async () => {
    const shop = await yesterday();
    const { fetch } = createEndpoint();
    for (const start of [0, 10, 20]) {
      const account = ({ order_id }: { order_id?: unknown }) => ({ order_id: String(start + Number(order_id)) });
      const { differences } = await replayToMerchant(shop, { fetch, key: KEY, account });
      // Its statement has those of earlier runs, too.
      expect(differences.filter(({ method }) => method !== "GetStatement")).toEqual([]);
    }
  });
});

describe("answers are compared", () => {
  const differences = (a: object, b: object) =>
    compareAnswers({ result: a }, { result: b }, new Map()).map(({ kind, path }) => `${kind} ${path}`);

  it.each([
    ["a time by whether there is one", { pay_time: 1 }, { pay_time: 2 }, []],
    ["a time that is missing", { pay_time: 1 }, { pay_time: 0 }, ["value result.pay_time"]],
    ["an id by what it stands for", { _id: "a", owner: "a" }, { _id: "b", owner: "b" }, []],
    ["an id that changes", { _id: "a", owner: "a" }, { _id: "b", owner: "c" }, ["value result.owner"]],
    ["what is hidden not at all", { code: "[hidden]" }, { code: 5 }, []],
    ["null and an object as shapes", { card: null }, { card: {} }, ["shape result.card"]],
    ["a shop's own words not at all", { merchant: { name: "a" } }, { merchant: { name: "b" } }, []],
    ["what a shop has, all the same", { merchant: { name: "a" } }, { merchant: {} }, ["shape result.merchant.name"]],
    [
      "lists by name",
      {
        account: [
          { name: "a", value: "1" },
          { name: "b", value: "2" },
        ],
      },
      {
        account: [
          { name: "b", value: "2" },
          { name: "a", value: "1" },
        ],
      },
      [],
    ],
    ["what a list has not", { account: [{ name: "a" }] }, { account: [] }, ["value result.account[0]"]],
    ["what a list has besides", { account: [] }, { account: [1] }, ["value result.account[0]"]],
    ["an amount", { amount: 1 }, { amount: 2 }, ["value result.amount"]],
    ["words as words", { message: "a" }, { message: "b" }, ["text result.message"]],
  ])("%s", (_, a, b, expected) => {
    expect(differences(a, b)).toEqual(expected);
  });
});
