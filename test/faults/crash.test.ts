import { describe, expect, it } from "vitest";
import { createPaymeClient, type PaymeClient, type PayOutcome } from "../../src/entry/client";
import { openMock, verifiedToken } from "../mock/kit";
import { type MakeAndPay, makeAndPay, orderOf } from "./charge-stories";
import { moneyOf, receiptsOf } from "./money-judge";

/** Where a process stops: with its n-th call on the way, or with the answer of it on the way back. */
const DEATHS = [1, 2, 3].flatMap((call) => [
  { call, when: "before" as const },
  { call, when: "after" as const },
]);

/** A process that stops there: it sends nothing more, and never gets its answer. */
function dyingClient(mock: ReturnType<typeof openMock>["mock"], death: { call: number; when: "before" | "after" }) {
  let calls = 0;
  let tellDeath = () => {};
  const died = new Promise<void>((resolve) => {
    tellDeath = resolve;
  });
  const dying: typeof fetch = async (input, init) => {
    calls += 1;
    if (calls < death.call) return mock.fetch(input, init);
    if (calls === death.call && death.when === "after") await mock.fetch(input, init);
    tellDeath();
    return new Promise(() => {});
  };
  // Its timer ends the test's own waiting soon; by then the process is long dead.
  return { died, client: clientOf(mock, dying, 50) };
}

function clientOf(
  { merchantId, key }: { merchantId: string; key: string },
  fetch: typeof globalThis.fetch,
  timeoutMs?: number,
) {
  return createPaymeClient({ merchantId, key, mode: "test", fetch, timeoutMs, retries: 0, sleep: async () => {} });
}

/** The order's row: what a process that starts anew knows. */
interface Row {
  receiptId?: string | undefined;
}

const charging = (token: string, row: Row): MakeAndPay => ({
  ...orderOf("4417"),
  token,
  receiptId: row.receiptId,
  settleMs: 0,
  onReceipt(id) {
    row.receiptId = id;
  },
});

type Charge = (client: PaymeClient, token: string, row: Row) => Promise<PayOutcome>;
const withItsReceipt: Charge = (client, token, row) => makeAndPay(client, charging(token, row));
const withANewOne: Charge = (client, token) => makeAndPay(client, charging(token, {}));

async function takesAfter(death: (typeof DEATHS)[number], second: Charge) {
  const { mock } = openMock();
  const token = await verifiedToken(mock);
  const row: Row = {};
  const { client, died } = dyingClient(mock, death);
  await Promise.race([died, makeAndPay(client, charging(token, row))]);
  const outcome = await second(clientOf(mock, mock.fetch), token, row);
  return { outcome, money: moneyOf(mock, receiptsOf(mock, "4417")) };
}

describe("a process that stops in a charge, and one that starts anew with what was stored", () => {
  it.each(DEATHS)("at call $call, $when it is carried out: money is taken once", async (death) => {
    const { outcome, money } = await takesAfter(death, withItsReceipt);
    expect(outcome).toMatchObject({ status: "paid", state: 4 });
    expect(money).toMatchObject({ takes: 1, debits: 1, taken: 1_250_000 });
  });

  it.each([
    ["after the id was stored", true],
    ["before the id was stored", false],
  ])("in onReceipt, %s: nothing was paid, and the next charge pays once", async (_when, isStored) => {
    const { mock } = openMock();
    const token = await verifiedToken(mock);
    const row: Row = {};
    const client = clientOf(mock, mock.fetch);
    const stopping = makeAndPay(client, {
      ...charging(token, row),
      onReceipt(id) {
        if (isStored) row.receiptId = id;
        throw new Error("killed");
      },
    });
    await expect(stopping).rejects.toThrow("killed");
    expect(moneyOf(mock, receiptsOf(mock, "4417"))).toMatchObject({ takes: 0 });
    expect(await withItsReceipt(client, token, row)).toMatchObject({ status: "paid" });
    expect(moneyOf(mock, receiptsOf(mock, "4417"))).toMatchObject({ takes: 1, debits: 1 });
    expect(receiptsOf(mock, "4417")).toHaveLength(isStored ? 1 : 2);
  });

  it("one that starts anew without the stored id takes the money twice: so it must be stored", async () => {
    const { money } = await takesAfter({ call: 3, when: "after" }, withANewOne);
    expect(money).toMatchObject({ takes: 2 });
  });
});
