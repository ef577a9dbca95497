import { expect, it } from "vitest";
import { refusal } from "../../merchant/refusal";
import { KEY, TEST_KEY } from "../../merchant/shop";
import { onEachStorage } from "./on-each-storage";

const NEW_KEY = "new-key-of-36-characters-01234567890";

onEachStorage("ChangePassword", (open) => {
  it("is no method where the shop does not keep keys itself", async () => {
    const shop = await open();
    expect(await shop.twice("ChangePassword", { password: NEW_KEY })).toEqual(refusal(-32601, "ChangePassword"));
    expect(await shop.call("CheckTransaction", { id: "a" }, NEW_KEY)).toEqual(refusal(-32504));
  });

  it.each([
    ["no password", {}],
    ["an empty one", { password: "" }],
    ["a number", { password: 5 }],
  ])("refuses %s", async (_name, params) => {
    const kept: string[] = [];
    const shop = await open({ onChangePassword: (password) => void kept.push(password) });
    expect(await shop.twice("ChangePassword", params)).toEqual(refusal(-32600, "password"));
    expect(kept).toEqual([]);
  });

  it("leaves the old key as it was where the new one could not be kept", async () => {
    const shop = await open({
      onChangePassword: () => {
        throw new Error("the disk is full");
      },
    });
    expect(await shop.twice("ChangePassword", { password: NEW_KEY })).toEqual(refusal(-32400));
    expect(await shop.call("CheckTransaction", { id: "a" })).toEqual(refusal(-31003));
    expect(await shop.call("CheckTransaction", { id: "a" }, NEW_KEY)).toEqual(refusal(-32504));
  });

  it("from then on the new key alone is let in, and the key of the other mode as before", async () => {
    const kept: unknown[] = [];
    const shop = await open({ onChangePassword: (password, { test }) => void kept.push([password, test]) });
    expect(await shop.call("ChangePassword", { password: NEW_KEY })).toEqual({ result: { success: true }, id: 7 });
    expect(await shop.twice("CheckTransaction", { id: "a" }, KEY)).toEqual(refusal(-32504));
    expect(await shop.twice("CheckTransaction", { id: "a" }, NEW_KEY)).toEqual(refusal(-31003));
    expect(await shop.twice("CheckTransaction", { id: "a" }, TEST_KEY)).toEqual(refusal(-31003));
    expect(await shop.call("ChangePassword", { password: "other" }, TEST_KEY)).toMatchObject({
      result: { success: true },
    });
    expect(await shop.twice("CheckTransaction", { id: "a" }, TEST_KEY)).toEqual(refusal(-32504));
    expect(await shop.twice("CheckTransaction", { id: "a" }, NEW_KEY)).toEqual(refusal(-31003));
    expect(kept).toEqual([
      [NEW_KEY, false],
      ["other", true],
    ]);
  });

  it.each([
    ["the live key", "the test key", KEY, TEST_KEY],
    ["the test key", "the live key", TEST_KEY, KEY],
  ])("with %s refuses the value of %s: one key cannot be live and test", async (_with, _of, key, other) => {
    const kept: string[] = [];
    const shop = await open({ onChangePassword: (password) => void kept.push(password) });
    expect(await shop.twice("ChangePassword", { password: other }, key)).toEqual(refusal(-32600, "password"));
    expect(kept).toEqual([]);
    expect(shop.lines.join()).toContain("the other mode has the new key");
    expect(shop.lines.join()).not.toContain(other);
    for (const each of [KEY, TEST_KEY]) {
      expect(await shop.call("CheckTransaction", { id: "a" }, each)).toEqual(refusal(-31003));
    }
    await shop.call("CreateTransaction", shop.create("a"), KEY);
    expect(await shop.merchant.isBeingPaid(1, { mode: "live" })).toBe(true);
    expect(await shop.merchant.isBeingPaid(1, { mode: "test" })).toBe(false);
  });

  it("refuses any of several keys of the other mode, also one that Payme has set meanwhile", async () => {
    const shop = await open({ onChangePassword: () => {}, testKey: ["older".padEnd(36, "-"), TEST_KEY] });
    expect(await shop.call("ChangePassword", { password: "older".padEnd(36, "-") })).toEqual(
      refusal(-32600, "password"),
    );
    await shop.call("ChangePassword", { password: NEW_KEY }, TEST_KEY);
    expect(await shop.call("ChangePassword", { password: NEW_KEY })).toEqual(refusal(-32600, "password"));
    // No key of any mode any more.
    expect(await shop.call("ChangePassword", { password: TEST_KEY })).toMatchObject({ result: { success: true } });
  });

  it("of both modes to one value at once: what is paid with it is live", async () => {
    const shop = await open({ onChangePassword: () => new Promise((resolve) => setTimeout(resolve, 5)) });
    await Promise.all([KEY, TEST_KEY].map((key) => shop.call("ChangePassword", { password: NEW_KEY }, key)));
    await shop.call("CreateTransaction", shop.create("a"), NEW_KEY);
    expect(await shop.merchant.isBeingPaid(1, { mode: "live" })).toBe(true);
    const swapped = await open({ onChangePassword: () => new Promise((resolve) => setTimeout(resolve, 5)) });
    await Promise.all([TEST_KEY, KEY].map((key) => swapped.call("ChangePassword", { password: NEW_KEY }, key)));
    await swapped.call("CreateTransaction", swapped.create("a"), NEW_KEY);
    expect(await swapped.merchant.isBeingPaid(1, { mode: "live" })).toBe(true);
  });
});
