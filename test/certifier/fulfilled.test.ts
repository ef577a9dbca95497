import { describe, expect, it } from "vitest";
import { type CertifyOptions, certify } from "../../src/tools/certifier/certify";
import { createEndpoint, KEY, type Rules } from "../faulty/endpoints/reference";
import { createClock } from "./shops";

async function certified(instead: Partial<Rules>, more: Partial<CertifyOptions> = {}) {
  const { now, sleep } = createClock();
  const { newOrder, credited, fetch } = createEndpoint(instead, now);
  const { checks } = await certify({ api: { fetch }, key: KEY, newOrder, credited, now, sleep, ...more });
  const find = (id: string) => checks.find((check) => check.id === id);
  return { find, failed: checks.filter(({ status }) => status === "failed").map(({ id }) => id) };
}

const byNumber: Rules["orderOf"] = (orders, key) => orders.get(String(Number(key)));

/** Reads each call on its way, and gives the order of its transaction. */
function watchOrders() {
  const orders = new Map<string, string>();
  return (text: string): string => {
    const id = /"params":\{"id":"(\w+)"/.exec(text)?.[1] ?? "";
    if (text.includes('"CreateTransaction"')) orders.set(id, /"order_id":"(\d+)"/.exec(text)?.[1] ?? "");
    return orders.get(id) ?? "";
  };
}

describe("an order is fulfilled once", () => {
  it("twice is seen, though a race lost its winner", async () => {
    const { find, failed } = await certified({ losesWinner: true, readsThenPerforms: true });
    expect(failed.sort()).toEqual(["create.race-winner", "perform.at-once", "perform.once"]);
    expect(find("perform.once")?.got).toMatch(/^fulfilled ([2-9]|1\d) times$/);
  });

  it("before Perform is too early", async () => {
    const { find, failed } = await certified({ fulfilsAtCreate: true });
    expect(failed).toEqual(["perform.once"]);
    expect(find("perform.once")?.got).toBe("fulfilled before Perform");
  });

  it("a queue with a job for each Perform is waited for", async () => {
    const { now, sleep } = createClock();
    const endpoint = createEndpoint({}, now);
    const orderOf = watchOrders();
    const jobs: { readonly at: number; readonly order: string }[] = [];
    const { find, failed } = await certified(
      {},
      {
        now,
        sleep,
        newOrder: endpoint.newOrder,
        async api(request) {
          const text = await request.clone().text();
          const order = orderOf(text);
          const response = await endpoint.fetch(request);
          const isPerformed = (await response.clone().text()).includes('"state":2');
          if (text.includes('"PerformTransaction"') && isPerformed)
            jobs.push({ at: Math.max(now(), jobs.at(-1)?.at ?? 0) + 150, order });
          return response;
        },
        credited: ({ account }) => jobs.filter(({ at, order }) => at <= now() && order === account.order_id).length,
      },
    );
    expect(failed).toEqual(["perform.once"]);
    expect(find("perform.once")?.got).toBe("fulfilled 2 times");
  });

  it("a refund that takes the order back later is no second look at it", async () => {
    const { now, sleep } = createClock();
    const endpoint = createEndpoint({}, now);
    const refunded = new Set<string>();
    const orderOf = watchOrders();
    const { find, failed } = await certified(
      {},
      {
        now,
        sleep,
        newOrder: endpoint.newOrder,
        async api(request) {
          const text = await request.clone().text();
          const order = orderOf(text);
          if (text.includes('"CancelTransaction"')) refunded.add(order);
          return endpoint.fetch(request);
        },
        credited: (order) => (refunded.has(String(order.account.order_id)) ? 0 : endpoint.credited(order)),
      },
    );
    expect(failed).toEqual([]);
    expect(find("perform.once")?.status).toBe("passed");
  });

  it("a shop that fulfils after its answer is waited for", async () => {
    const { now, sleep } = createClock();
    const endpoint = createEndpoint({}, now);
    let asked = 0;
    const { find } = await certified(
      {},
      {
        api: endpoint,
        now,
        sleep,
        newOrder: endpoint.newOrder,
        credited: (order) => (++asked % 5 === 0 ? endpoint.credited(order) : 0),
      },
    );
    expect(find("perform.once")?.status).toBe("passed");
  });

  it("a balance that is credited twice by sixteen Performs is seen, too", async () => {
    const { now, sleep } = createClock();
    const endpoint = createEndpoint({ holdsOrder: () => false, readsThenPerforms: true }, now);
    const order = endpoint.newOrder();
    const { failed } = await certified(
      {},
      { api: endpoint, now, sleep, accumulative: true, newOrder: () => order, credited: endpoint.credited },
    );
    expect(failed).toEqual(["perform.at-once", "perform.once"]);
  });
});

describe("another spelling of a held order", () => {
  it("fails where both are performed, and `credited` shows that it is one order", async () => {
    const { find, failed } = await certified({ orderOf: byNumber });
    expect(failed).toEqual(["create.other-spelling"]);
    expect(find("create.other-spelling")?.got).toBe("both are paid, and the order was fulfilled 2 times");
  });

  it("is a warning where nobody counts", async () => {
    const { find, failed } = await certified({ orderOf: byNumber }, { credited: undefined });
    expect(failed).toEqual([]);
    expect(find("create.other-spelling")?.status).toBe("warned");
  });

  it("is a warning where the second is not performed", async () => {
    const sold = new Set<object>();
    const mayPerform: Rules["mayPerform"] = (row) => {
      const isFirst = row.state === 1 && !sold.has(row) && ![...sold].some((other) => sameOrder(other, row));
      if (isFirst) sold.add(row);
      return isFirst;
    };
    const sameOrder = (one: object, other: object) => numberOf(one) === numberOf(other);
    const numberOf = (row: object) => Number(Object(Object(row).account).order_id);
    const { find } = await certified({ orderOf: byNumber, mayPerform });
    expect(find("create.other-spelling")?.status).toBe("warned");
  });
});
