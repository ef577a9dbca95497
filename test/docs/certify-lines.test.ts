import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createMerchantApi, memoryStorage, refuse, som } from "payme-kit";
import { fetchMerchant } from "payme-kit/fetch";
import { certify } from "payme-kit/testing";
import { expect, it } from "vitest";
import { summary, tellCheck, tellFailure } from "../../src/tools/certifier/report";

const KEY = "a-key-of-36-characters-0123456789abc";
const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

/** An endpoint whose answer to Perform number 0, 1, 2, … of a transaction has this time. The stored one is right. */
async function linesOf(
  performTime: (stored: number, repeat: number) => number,
): Promise<{ lines: string[]; last: string }> {
  let clock = Date.UTC(2026, 0, 15);
  const now = () => clock;
  const merchant = createMerchantApi({
    storage: memoryStorage(),
    key: KEY,
    account: { order_id: "integer" },
    find: ({ order_id }) =>
      order_id < 1_000 ? { reference: order_id, amount: som(50_000) } : refuse.notFound("order_id"),
    onPaid: () => true,
    now,
    logger: { info() {}, warn() {}, error() {} },
  });
  const handle = fetchMerchant(merchant);
  const repeats = new Map<string, number>();
  let orders = 100;
  const result = await certify({
    async api(request) {
      const isPerform = (await request.clone().text()).includes('"PerformTransaction"');
      const response = await handle(request);
      const answer = isPerform ? JSON.parse(await response.clone().text()) : undefined;
      if (answer?.result === undefined) return response;
      const { transaction, perform_time: stored } = answer.result;
      const repeat = repeats.get(transaction) ?? 0;
      repeats.set(transaction, repeat + 1);
      answer.result.perform_time = performTime(stored, repeat);
      return new Response(JSON.stringify(answer), response);
    },
    key: KEY,
    now,
    sleep: async (ms) => {
      clock += ms;
    },
    newOrder: async () => ({ account: { order_id: ++orders }, amount: som(50_000) }),
  });
  const failures = result.checks
    .filter(({ status }) => status === "failed")
    .flatMap((each) => tellFailure(each).split("\n"));
  return { lines: [...result.checks.map(tellCheck), ...failures], last: summary(result) };
}

it("the README's lines of the certifier are those of an endpoint that answers Perform with the time of now", async () => {
  const printed = /^```text\n([\s\S]*?)^```$/m.exec(README)?.[1]?.trimEnd().split("\n") ?? [];
  expect(printed).toHaveLength(6);
  const { lines, last } = await linesOf((stored, repeat) => stored + repeat);
  expect([...lines, last]).toEqual(expect.arrayContaining(printed));
  expect(printed.at(-1)).toBe(last);
});

it("mended, it ends with the line that the README names", async () => {
  expect(README).toContain(`\`${(await linesOf((stored) => stored)).last}\``);
});
