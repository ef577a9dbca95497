import { describe, expect, it } from "vitest";
import { PaymeConfigError } from "../../src/kit/errors";
import type { Logger } from "../../src/kit/logger";
import { createKeys, type KeySource, oddKey } from "../../src/merchant/keys";
import { KEY, TEST_KEY } from "./shop";

function keysOf(key: KeySource, testKey?: KeySource) {
  const lines: unknown[][] = [];
  const log = (...line: unknown[]) => void lines.push(line);
  const logger: Logger = { info: log, warn: log, error: log };
  return { keys: createKeys(key, testKey, logger), lines };
}

describe("keys of an endpoint", () => {
  it("of the other mode are known as such, and a key is not the other mode's for being its own", () => {
    const { keys } = keysOf(KEY, TEST_KEY);
    expect(keys.isOfOtherMode("live", TEST_KEY)).toBe(true);
    expect(keys.isOfOtherMode("live", KEY)).toBe(false);
    expect(keys.isOfOtherMode("test", KEY)).toBe(true);
    expect(keys.isOfOtherMode("test", "another")).toBe(false);
  });

  it("are told from those of another endpoint, once they have been read", () => {
    const { keys } = keysOf([KEY, "second"]);
    expect([keys.has(Buffer.from("second")), keys.has(Buffer.from("third"))]).toEqual([true, false]);
    expect(keys.sharesOne(keysOf("second").keys)).toBe(true);
    expect(keys.sharesOne(keysOf("third").keys)).toBe(false);
    const { keys: later } = keysOf(() => KEY);
    expect([later.has(Buffer.from(KEY)), later.sharesOne(keys), keys.sharesOne(later)]).toEqual([false, false, false]);
  });

  it("from a function of either mode are read at the first call, and are no reason to complain", () => {
    for (const [key, testKey] of [
      [() => KEY, TEST_KEY],
      [KEY, () => TEST_KEY],
    ] as const) {
      let reads = 0;
      const counted = (source: KeySource): KeySource => {
        if (typeof source !== "function") return source;
        return () => {
          reads += 1;
          return source();
        };
      };
      const { keys, lines } = keysOf(counted(key), counted(testKey));
      expect(reads).toBe(0);
      const headerOf = (password: string) => `Basic ${Buffer.from(`Paycom:${password}`).toString("base64")}`;
      expect([keys.modeOf(headerOf(KEY)), keys.modeOf(headerOf(TEST_KEY))]).toEqual(["live", "test"]);
      expect([reads, lines]).toEqual([1, []]);
    }
  });

  it.each([
    ["none", [], undefined, "there is no key", "Pass key or testKey."],
    ["an empty one", "", undefined, "key is empty", "Where a build has no secrets, give a function"],
    ["one of both modes", KEY, KEY, "a key is given as key and as testKey", "The cabinet shows two keys"],
  ])("%s are refused with what to do", (_title, key, testKey, message, hint) => {
    expect(() => keysOf(key, testKey)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message), hint: expect.stringContaining(hint) }),
    );
    expect(() => keysOf(key, testKey)).toThrow(PaymeConfigError);
  });

  it("that are missing in JavaScript are refused as an empty one", () => {
    expect(() => keysOf(JSON.parse("null"))).toThrow("createMerchantApi: key is empty");
  });

  it("that are odd, or of both modes at the first call, are told with what to do", () => {
    expect(keysOf("cut").lines).toEqual([
      [expect.stringContaining("was it cut at # or $?"), { hint: expect.stringContaining("begins a comment") }],
    ]);
    expect(keysOf(KEY + KEY).lines).toEqual([["key has 72 characters, and Payme's keys have 36", undefined]]);
    const { keys, lines } = keysOf(() => KEY, KEY);
    keys.isOfOtherMode("live", KEY);
    expect(lines).toEqual([
      [
        "a key is given as key and as testKey: what is paid with it counts as live money",
        { hint: expect.stringContaining("The cabinet shows") },
      ],
    ]);
  });
});

describe("a key", () => {
  const KEY_LENGTH = 36;
  it.each([
    ["x".repeat(KEY_LENGTH), undefined],
    [`xx"yy"`.padEnd(KEY_LENGTH, "x"), undefined],
    [`"x"`.padEnd(KEY_LENGTH, "x"), undefined],
    [`"x"`.padStart(KEY_LENGTH, "x"), undefined],
    [`"${"x".repeat(KEY_LENGTH - 2)}"`, "ends"],
    ['"short', "ends"],
    ["short'", "ends"],
    [" short", "ends"],
    ['sh"ort', "length"],
    ["short", "length"],
    ["x".repeat(KEY_LENGTH + 1), "length"],
  ])("%s is odd by its %s", (key, of) => {
    expect(oddKey("key", key)?.of).toBe(of);
  });
});
