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
});
