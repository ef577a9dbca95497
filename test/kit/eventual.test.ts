import { expect, test } from "vitest";
import { isThenable } from "../../src/kit/eventual";

/** A query as builders of SQL have them: it runs when it is awaited. */
class Query implements PromiseLike<string[]> {
  // biome-ignore lint/suspicious/noThenProperty: this is what is tested.
  readonly then: PromiseLike<string[]>["then"] = (...handlers) => Promise.resolve([]).then(...handlers);
}

test("any thenable is awaited: a promise, and a query that runs when it is awaited", () => {
  for (const value of [Promise.resolve(1), new Query(), Object.assign(() => [], new Query())]) {
    expect(isThenable<unknown>(value)).toBe(true);
  }
});

test("anything else is taken as it is", () => {
  const named = JSON.parse('{"then":"later"}');
  for (const value of [undefined, null, 0, "then", {}, [], named, () => 1]) {
    expect(isThenable<unknown>(value)).toBe(false);
  }
});
