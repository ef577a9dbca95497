import { setImmediate as nextTurn } from "node:timers/promises";
import express from "express";
import { expect, it } from "vitest";
import { oneATurn } from "../../examples/express-wedy/src/one-a-turn";

/** Passes so many requests into the line at once, and records in which turn of the event loop each is started. */
function fill(line: ReturnType<typeof oneATurn>, count: number, started: string[]): void {
  const request = Object.create(express.request);
  const response = Object.create(express.response);
  for (let n = 0; n < count; n += 1) line(request, response, () => started.push(`request ${n}`));
}

it("starts one request in each turn of the event loop, in the order in which they came", async () => {
  const line = oneATurn();
  const started: string[] = [];
  fill(line, 3, started);
  expect(started).toEqual([]);
  for (let turn = 0; turn < 4; turn += 1) {
    await nextTurn();
    started.push("turn");
  }
  expect(started.filter((each) => each !== "turn")).toEqual(["request 0", "request 1", "request 2"]);
  // At least one turn stands between two of them.
  expect(started.join()).not.toMatch(/request \d,request/);
});

it("starts again once the line was empty", async () => {
  const line = oneATurn();
  const started: string[] = [];
  fill(line, 1, started);
  await nextTurn();
  await nextTurn();
  fill(line, 2, started);
  for (let turn = 0; turn < 4; turn += 1) await nextTurn();
  expect(started).toEqual(["request 0", "request 0", "request 1"]);
});
