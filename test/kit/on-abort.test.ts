import { setMaxListeners } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { sleep } from "../../src/kit/clock";
import { som } from "../../src/kit/money";
import { onAbort } from "../../src/kit/on-abort";
import { waitFor } from "../../src/kit/wait-for";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { createShop as createMerchantShop, KEY } from "../merchant/shop";
import { message, openOutbox } from "../outbox/kit";
import { createShop } from "../payments/shop";

/** More than Node allows on one signal without a warning. */
const MANY = 40;
const numbers = Array.from({ length: MANY }, (_, n) => n + 1);
const pause = (ms = 5) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The listeners that a signal has now. */
function counted() {
  const stop = new AbortController();
  let listeners = 0;
  const { signal } = stop;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  return { stop, signal, listeners: () => listeners };
}

describe("a callback for a signal", () => {
  it("is called once when it aborts, each of many, with one listener", () => {
    const { stop, signal, listeners } = counted();
    const called: number[] = [];
    const callback = () => called.push(0);
    for (const n of numbers) onAbort(signal, () => called.push(n));
    onAbort(signal, callback);
    onAbort(signal, callback);
    expect(listeners()).toBe(1);
    expect(called).toEqual([]);
    stop.abort();
    stop.abort();
    expect(called).toEqual([...numbers, 0, 0]);
  });

  it("is called at once where the signal has aborted", () => {
    const called: string[] = [];
    onAbort(AbortSignal.abort(), () => called.push("now"))();
    expect(called).toEqual(["now"]);
  });

  it("that was taken back is not called; after the last one no listener is left, and the next begins anew", () => {
    const { stop, signal, listeners } = counted();
    const called: string[] = [];
    const [first, second] = [onAbort(signal, () => called.push("first")), onAbort(signal, () => called.push("second"))];
    first();
    first();
    expect(listeners()).toBe(1);
    second();
    expect(listeners()).toBe(0);
    onAbort(signal, () => called.push("third"));
    first();
    stop.abort();
    expect(called).toEqual(["third"]);
  });

  it("needs no signal", () => {
    expect(() => onAbort(undefined, () => expect.unreachable())()).not.toThrow();
  });
});

describe("Node warns of no listeners on a signal", () => {
  /** What the process warned of, while work was done. */
  async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
    const warnings: string[] = [];
    const note = ({ name, message }: Error) => void warnings.push(`${name}: ${message}`);
    process.on("warning", note);
    onTestFinished(() => void process.off("warning", note));
    await work();
    await pause();
    return warnings;
  }

  it("where one signal is waited for with addEventListener: it does (the test sees it)", async () => {
    const { signal } = new AbortController();
    // The default of Node 20. Node 22 has no bound for signals, and warns of none.
    setMaxListeners(10, signal);
    const listen = async () => {
      for (const _ of numbers) signal.addEventListener("abort", () => {});
    };
    expect((await warningsOf(listen)).join()).toContain("MaxListenersExceededWarning");
  });

  it("where a mock makes many calls to a merchant at once", async () => {
    const shop = createMerchantShop();
    const answer = fetchMerchant(shop.merchant);
    const mock = createMockPayme({ seed: 1, now: shop.now });
    const fetch = async (request: Request) => {
      await pause();
      return answer(request);
    };
    const caller = mock.merchant({ key: KEY, fetch });
    const check = (n: number) => caller.check({ account: { order_id: n }, amount: som(50_000) });
    expect(await warningsOf(() => Promise.all(numbers.map(check)))).toEqual([]);
  });

  it("where a mock holds up many calls of a client with one signal, and a reset ends them all", async () => {
    const { mock, client } = createShop({ mock: { sleep } });
    const { signal } = new AbortController();
    mock.faults.add({ kind: "delay", delayMs: 60_000 });
    const ids = numbers.map((n) => String(n).padStart(24, "0"));
    const call = (id: string) => client.receipts.check(id, { signal });
    const work = async () => {
      const ends = Promise.allSettled(ids.map(call));
      await pause(50);
      mock.reset();
      expect((await ends).every(({ status }) => status === "rejected")).toBe(true);
    };
    expect(await warningsOf(work)).toEqual([]);
  });

  it("where an outbox delivers a large batch", async () => {
    const { add, outbox } = openOutbox({ batchSize: MANY, deliver: () => pause() });
    await add(...numbers.map((n) => message(`subject-${n}`)));
    expect(await warningsOf(() => outbox.runOnce())).toEqual([]);
  });

  it("where many wait for one stop", async () => {
    const stop = new AbortController();
    const never = new Promise<void>(() => {});
    const work = async () => {
      const waits = numbers.map(() => waitFor(never, 60_000, sleep, stop.signal));
      stop.abort();
      await Promise.all(waits);
    };
    expect(await warningsOf(work)).toEqual([]);
  });
});
