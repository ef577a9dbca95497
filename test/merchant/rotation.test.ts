import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { refusal } from "./refusal";
import { createShop, KEY, type Shop, TEST_KEY } from "./shop";

const NEW_KEY = "new-key-of-36-characters-01234567890";
const NOT_KNOWN = refusal(-31003);
const REFUSED = refusal(-32504);
const ORDERS = 10;

const isLetIn = async (shop: Pick<Shop, "call">, key: string) =>
  (await shop.call("CheckTransaction", { id: "unknown" }, key)).error?.code === -31003;

/** A hook that waits until it is told to go on. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let enter = () => {};
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const pass = () => {
    enter();
    return opened;
  };
  return { open, entered, pass };
}

describe("the Merchant key, changed by a list of keys", () => {
  /** Before which call which of the two processes is replaced by one with these keys. */
  type Replacement = { readonly before: number; readonly place: number; readonly key: readonly string[] };

  /** Payme pays every order, four at a time, while the shop's two processes are replaced one by one. */
  async function pay(replacements: readonly Replacement[]) {
    const first = createShop({ key: KEY });
    await first.ready;
    const { storage } = first;
    let serving = [first, createShop({ storage, key: KEY })];
    const lost: unknown[] = [];
    let calls = 0;
    const send = async (method: string, params: object) => {
      calls += 1;
      for (const { key, place } of replacements.filter(({ before }) => before === calls)) {
        serving = serving.map((shop, index) => (index === place ? createShop({ storage, key }) : shop));
      }
      const answer = await (serving[calls % 2] ?? first).call(method, params, keyOf(calls));
      if (answer.result === undefined) lost.push(answer.error?.code);
    };
    const orders = Array.from({ length: ORDERS }, (_, index) => index + 1);
    const waiting = orders.values();
    const lane = async () => {
      for (const order of waiting) {
        const account = { order_id: order };
        await send("CheckPerformTransaction", { amount: som(50_000), account });
        await send("CreateTransaction", first.create(`t-${order}`, { account }));
        await send("PerformTransaction", { id: `t-${order}` });
        await send("CheckTransaction", { id: `t-${order}` });
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    const fulfilled = await Promise.all(orders.map(async (order) => (await first.order(order))?.fulfilled));
    return { lost, serving, calls, fulfilled };
  }

  /** Payme's machines do not change at one moment: for a while both keys come. */
  function keyOf(call: number): string {
    if (call < 14) return KEY;
    return call >= 26 || call % 2 === 0 || call % 3 === 0 ? NEW_KEY : KEY;
  }

  it("loses no call while the processes are replaced one by one; then the old key is refused", async () => {
    const { lost, serving, calls, fulfilled } = await pay([
      { before: 5, place: 0, key: [KEY, NEW_KEY] },
      { before: 10, place: 1, key: [KEY, NEW_KEY] },
      { before: 17, place: 0, key: [NEW_KEY, KEY] },
      { before: 22, place: 1, key: [NEW_KEY, KEY] },
      { before: 28, place: 0, key: [NEW_KEY] },
      { before: 33, place: 1, key: [NEW_KEY] },
    ]);
    expect(lost).toEqual([]);
    expect(calls).toBe(4 * ORDERS);
    expect(fulfilled).toEqual(Array(ORDERS).fill(1));
    for (const shop of serving) expect([await isLetIn(shop, NEW_KEY), await isLetIn(shop, KEY)]).toEqual([true, false]);
  });

  it("would lose calls where the old key is simply replaced", async () => {
    const { lost } = await pay([
      { before: 14, place: 0, key: [NEW_KEY] },
      { before: 20, place: 1, key: [NEW_KEY] },
    ]);
    expect(lost).toContain(-32504);
  });
});

describe("the Merchant key, given by a function", () => {
  it("is read once: another value counts after the next start, and both of a list until then", async () => {
    const vault = { keys: [KEY] };
    const before = createShop({ key: () => vault.keys });
    expect(await isLetIn(before, KEY)).toBe(true);
    vault.keys = [NEW_KEY, KEY];
    expect([await isLetIn(before, KEY), await isLetIn(before, NEW_KEY)]).toEqual([true, false]);
    const during = createShop({ storage: before.storage, key: () => vault.keys });
    expect([await isLetIn(during, KEY), await isLetIn(during, NEW_KEY)]).toEqual([true, true]);
    vault.keys = [NEW_KEY];
    const after = createShop({ storage: before.storage, key: () => vault.keys });
    expect([await isLetIn(after, KEY), await isLetIn(after, NEW_KEY)]).toEqual([false, true]);
  });
});

describe("the Merchant key, set by Payme's ChangePassword", () => {
  it("lets a call end that was under way with the old key, and refuses the next one", async () => {
    const { open, entered, pass } = gate();
    const kept: string[] = [];
    const shop = createShop({
      onChangePassword: (password) => void kept.push(password),
      onPaid: async () => {
        await pass();
        return true;
      },
    });
    await shop.call("CreateTransaction", shop.create("a"));
    const performing = shop.call("PerformTransaction", { id: "a" });
    await entered;
    expect(await shop.call("ChangePassword", { password: NEW_KEY })).toMatchObject({ result: { success: true } });
    expect(await shop.call("CheckTransaction", { id: "a" })).toEqual(REFUSED);
    open();
    expect(await performing).toMatchObject({ result: { state: 2 } });
    expect(await shop.call("PerformTransaction", { id: "a" }, NEW_KEY)).toMatchObject({ result: { state: 2 } });
    expect(kept).toEqual([NEW_KEY]);
  });

  it("counts in other processes after their next start, where the key that was kept is read", async () => {
    const vault = { keys: [KEY] };
    const options = {
      key: () => vault.keys,
      onChangePassword: (password: string) => {
        vault.keys = [password];
      },
    };
    const one = createShop(options);
    const two = createShop({ ...options, storage: one.storage });
    expect(await isLetIn(two, KEY)).toBe(true);
    await one.call("ChangePassword", { password: NEW_KEY });
    expect(await two.call("CheckTransaction", { id: "a" }, NEW_KEY)).toEqual(REFUSED);
    const restarted = createShop({ ...options, storage: one.storage });
    for (const shop of [one, restarted]) {
      expect(await shop.call("CheckTransaction", { id: "a" }, NEW_KEY)).toEqual(NOT_KNOWN);
      expect(await shop.call("CheckTransaction", { id: "a" }, KEY)).toEqual(REFUSED);
      // The other mode's key is not touched.
      expect(await shop.call("CheckTransaction", { id: "a" }, TEST_KEY)).toEqual(NOT_KNOWN);
    }
  });
});
