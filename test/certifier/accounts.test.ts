import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { createMerchantApi, refuse } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { certify } from "../../src/tools/certifier/certify";
import { malformedLike, respelled, tooLargeLike, unknownLike } from "../../src/tools/certifier/values";
import { createEndpoint, KEY, type Rules, SECOND_VALUE } from "../faulty/endpoints/reference";
import { createClock, idsOf } from "./shops";

const quiet = { info() {}, warn() {}, error() {} };
const BRANCH = { name: "branch", isRight: (value: unknown) => value === SECOND_VALUE };

function given(instead: Partial<Rules>) {
  const { now, sleep } = createClock();
  const { newOrder, credited, fetch } = createEndpoint(instead, now);
  return { api: { fetch }, key: KEY, newOrder, credited, now, sleep };
}

describe("an account of several fields", () => {
  it("passes where each of them is read", async () => {
    const { failed, warned, skipped } = await idsOf(given({ second: BRANCH }));
    expect({ failed, warned }).toEqual({ failed: [], warned: [] });
    expect(skipped).not.toContain("create.every-field");
  });

  it.each<[string, (value: unknown) => boolean]>([
    ["takes a missing one", (value) => value === undefined || BRANCH.isRight(value)],
    ["takes an empty one", (value) => value === "" || BRANCH.isRight(value)],
    ["takes an unknown one", (value) => value === "2147483646" || BRANCH.isRight(value)],
  ])("fails where the endpoint %s", async (_, isRight) => {
    expect((await idsOf(given({ second: { name: "branch", isRight } }))).failed).toEqual(["create.every-field"]);
  });

  it("fails where a further number is cut to 32 bits", async () => {
    const isRight = (value: unknown) => /^\d+$/.test(String(value)) && (Number(value) | 0) === Number(SECOND_VALUE);
    expect((await idsOf(given({ second: { name: "branch", isRight } }))).failed).toEqual(["create.large-number"]);
  });

  it("passes where a field decides nothing, and is said to", async () => {
    const given_ = given({ second: { name: "comment", isRight: () => true } });
    expect((await idsOf({ ...given_, freeFields: ["comment"] })).failed).toEqual([]);
  });

  it("fails where another value of a free field takes a held order", async () => {
    const comment = { name: "comment", isRight: () => true };
    const isHeldBy: Rules["isHeldBy"] = ({ account }, asked) => JSON.stringify(account) === JSON.stringify(asked);
    const { failed } = await idsOf({ ...given({ second: comment, isHeldBy }), freeFields: ["comment"] });
    expect(failed).toEqual(["create.other-spelling"]);
  });

  it("is warned about where a refusal names the other field", async () => {
    const { failed, warned } = await idsOf(given({ second: BRANCH, data: "branch" }));
    expect({ failed, warned }).toEqual({ failed: [], warned: ["check-perform.unknown-account"] });
  });

  it("passes on our endpoint, where the number of months decides the price", async () => {
    const { now, sleep } = createClock();
    const storage = memoryStorage();
    const paid = new Map<string, number>();
    const merchant = createMerchantApi({
      storage,
      key: KEY,
      now,
      logger: quiet,
      account: { months: "integer", user_id: "integer" },
      find({ user_id, months }) {
        if (user_id < 1 || user_id > 100) return refuse.notFound("user_id");
        if (months < 1) return refuse.unavailable("months");
        return { reference: `${user_id}/${months}`, amount: som(Math.min(months, 1_000) * 10_000) };
      },
      onPaid: ({ reference }) => paid.set(reference, (paid.get(reference) ?? 0) + 1).has(reference),
    });
    let users = 0;
    const told = await idsOf({
      api: fetchMerchant(merchant),
      key: KEY,
      now,
      sleep,
      field: "user_id",
      newOrder: () => ({ account: { months: "3", user_id: String(++users) }, amount: som(30_000) }),
      credited: ({ account: { user_id, months } }) => paid.get(`${user_id}/${months}`) ?? 0,
    });
    expect({ failed: told.failed, warned: told.warned }).toEqual({ failed: [], warned: [] });
  });
});

describe("a price that is fixed and may be paid again", () => {
  it("passes on our endpoint, and wrong amounts are tried", async () => {
    const { now, sleep } = createClock();
    let paid = 0;
    const price = som(50_000);
    const merchant = createMerchantApi({
      storage: memoryStorage(),
      key: KEY,
      now,
      logger: quiet,
      account: { user_id: "digits", plan_id: "digits" },
      find({ user_id, plan_id }) {
        if (user_id !== "7") return refuse.notFound("user_id");
        return plan_id === "2" ? { reference: "7/2", min: price, max: price } : refuse.notFound("plan_id");
      },
      onPaid() {
        paid += 1;
        return true;
      },
    });
    const { checks } = await certify({
      api: fetchMerchant(merchant),
      key: KEY,
      now,
      sleep,
      fixedPrice: true,
      newOrder: () => ({ account: { user_id: "7", plan_id: "2" }, amount: price }),
      credited: () => paid,
    });
    expect(checks.filter(({ status }) => status === "failed" || status === "warned")).toEqual([]);
    const passed = checks.filter(({ status }) => status === "passed").map(({ id }) => id);
    expect(passed).toEqual(expect.arrayContaining(["create.wrong-amount", "create.second-open", "perform.once"]));
  });
});

describe("the values that are tried", () => {
  it("keep the form of the right one", () => {
    expect(unknownLike({ a: 1, b: "x" }, "a")).toEqual({ a: 2_147_483_646, b: "x" });
    expect(unknownLike({ a: "1" }, "a")).toEqual({ a: "2147483646" });
    expect(malformedLike({ a: "1", b: "x" }, "a")[0]).toEqual({ b: "x" });
    expect(tooLargeLike({ a: "197" }, "a")).toEqual([{ a: "4294967493" }, { a: "9223372036854775808" }]);
    expect(tooLargeLike({ a: 197 }, "a")).toEqual([{ a: 4_294_967_493 }]);
    expect(tooLargeLike({ a: "A-1042" }, "a")).toEqual([]);
  });

  it("spell a number, a UUID and a code in other ways, and never as they are", () => {
    const spelled = (a: string) => respelled({ a }, "a").map((account) => account.a);
    expect(spelled("197")).toEqual([197, "0197", "+197", "197.0", " 197", "197 "]);
    expect(spelled("a-1042")).toEqual(["A-1042", " a-1042", "a-1042 "]);
    const uuid = "0b5f1c1e-7a53-4c39-9d5a-0123456789ab";
    expect(spelled(uuid)).toEqual(expect.arrayContaining([`{${uuid}}`, uuid.toUpperCase()]));
  });
});
