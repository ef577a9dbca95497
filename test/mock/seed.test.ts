import { describe, expect, it } from "vitest";
import { sleep } from "../../src/kit/clock";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { CARD, createReceipt, openMock, verifiedToken } from "./kit";

/** A long story, with dice in it, as text. */
async function story(options: MockPaymeOptions = {}, { mock, call, pass } = openMock(options)): Promise<string> {
  mock.faults.add({ method: "receipts.check", kind: "rpc_error", code: -31001, probability: 0.5 });
  const answers: unknown[] = [];
  for (let order_id = 0; order_id < 10; order_id += 1) {
    const { _id: id } = await createReceipt(mock, { account: { order_id } });
    answers.push(await call("receipts.check", { id }), await mock.pay(id, { card: CARD }));
    const token = await verifiedToken(mock);
    answers.push(token, await call("receipts.cancel", { id }));
    pass(1_000);
  }
  return JSON.stringify([answers, mock.receipts(), mock.exchanges, mock.notifications]);
}

describe("the seed", () => {
  it("repeats a run byte for byte", async () => {
    expect(await story({ seed: 7 })).toBe(await story({ seed: 7 }));
  });

  it("makes other ids and other dice from another seed", async () => {
    const codes = (text: string) => text.match(/"code":-31001/g)?.length;
    const runs = await Promise.all([1, 2, 3, 4].map((seed) => story({ seed })));
    expect(new Set(runs).size).toBe(4);
    expect(new Set(runs.map(codes)).size).toBeGreaterThan(1);
  });

  it("begins anew after a reset", async () => {
    const bench = openMock({ seed: 7, now: () => 1_768_473_000_000 });
    const first = await story({}, bench);
    bench.mock.reset();
    expect(await story({}, bench)).toBe(first);
  });

  it("a fault changes no id: a run with one can be laid beside a run without", async () => {
    const idsWith = async (probability: number | undefined) => {
      const { mock, call } = openMock();
      if (probability !== undefined)
        mock.faults.add({ method: "receipts.check", kind: "delay", delayMs: 0, probability });
      const { _id: id } = await createReceipt(mock);
      await call("receipts.check", { id });
      return [id, (await createReceipt(mock))._id];
    };
    expect(await idsWith(0.5)).toEqual(await idsWith(undefined));
  });

  it("makes ids that differ: 500 receipts of one second", async () => {
    const { mock } = openMock();
    for (let made = 0; made < 500; made += 1) {
      await mock.fetch("https://checkout.paycom.uz/api", {
        method: "POST",
        headers: { "X-Auth": `${mock.merchantId}:${mock.key}` },
        body: '{"method":"receipts.create","params":{"amount":100,"account":{}}}',
      });
    }
    const ids = mock.receipts().flatMap(({ _id, cheque_id }) => [_id, cheque_id]);
    expect(new Set(ids).size).toBe(1_000);
  });
});

describe("a reset", () => {
  it("forgets receipts, tokens, faults, notifications and exchanges", async () => {
    const { mock, call } = openMock();
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    mock.faults.add({ kind: "http_status", status: 503 });
    mock.reset();
    expect([mock.receipts(), mock.exchanges, mock.notifications]).toEqual([[], [], []]);
    expect(mock.receipt(id)).toBeUndefined();
    expect(await call("cards.check", { token })).toMatchObject({ error: { code: -31400 } });
  });
});

describe("a reset while a call waits", () => {
  it.each([
    ["heeds", (_ms: number, signal?: AbortSignal) => sleep(60_000, signal)],
    ["does not heed", () => sleep(20)],
  ])("drops the call with a sleep that %s the signal: nothing of it is in the new books", async (_name, slow) => {
    const { mock, call } = openMock({ sleep: slow });
    mock.faults.add({ kind: "delay", delayMs: 60_000 });
    const asked = call("receipts.create", { amount: 100, account: { order_id: 1 } });
    const ended = expect(asked).rejects.toThrow("fetch failed");
    await new Promise((resolve) => setImmediate(resolve));
    mock.reset();
    await ended;
    expect(mock.receipts()).toEqual([]);
    expect(mock.exchanges).toEqual([]);
  });
});

describe("1,000 mocks", () => {
  it("take little memory, and start nothing: no timer, no server", () => {
    const busyBefore = process.getActiveResourcesInfo().length;
    const memoryBefore = process.memoryUsage().heapUsed;
    const mocks = Array.from({ length: 1_000 }, (_none, seed) => createMockPayme({ seed }));
    expect(process.memoryUsage().heapUsed - memoryBefore).toBeLessThan(50 * 1024 * 1024);
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(busyBefore);
    expect(mocks).toHaveLength(1_000);
  });
});
