import { setImmediate as nextTurn } from "node:timers/promises";
import express from "express";
import { expect, it, vi } from "vitest";
import { type PayersLineOptions, payersLine } from "../../examples/express-wedy/src/payers-line";
import { Refusal } from "../../examples/express-wedy/src/refusal";

const silent = { info() {}, warn() {}, error() {} };

/** A line at a time that the test sets, and what became of each request that is passed into it. */
function staged(options: Partial<PayersLineOptions> = {}) {
  const clock = { at: 0 };
  const line = payersLine({ logger: silent, now: () => clock.at, ...options });
  const seen: string[] = [];
  const request = Object.create(express.request);
  const response = Object.create(express.response);
  const pass = (name: string) =>
    line(request, response, (error) => seen.push(error instanceof Refusal ? `${name}: ${error.status}` : name));
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn += 1) {
      await nextTurn();
      seen.push("turn");
    }
    return seen.filter((each) => each !== "turn");
  };
  return { clock, pass, turns, seen };
}

it("starts one request in two turns of the event loop, in the order in which they came", async () => {
  const { pass, turns, seen } = staged();
  for (const name of ["a", "b", "c"]) pass(name);
  expect(seen).toEqual([]);
  expect(await turns(30)).toEqual(["a", "b", "c"]);
  const [a, b, c] = ["a", "b", "c"].map((name) => seen.indexOf(name));
  expect([Number(b) - Number(a), Number(c) - Number(b)]).toEqual([3, 3]);
});

it("starts again once the line was empty, and not sooner than the turns between two", async () => {
  const { pass, turns, seen } = staged();
  pass("a");
  await turns(2);
  pass("b");
  await turns(20);
  expect(seen.indexOf("b") - seen.indexOf("a")).toBeGreaterThanOrEqual(3);
  pass("c");
  expect(await turns(2)).toEqual(["a", "b", "c"]);
});

it("refuses who has waited for more than three seconds, and carries out the last one", async () => {
  const { clock, pass, turns } = staged();
  for (const name of ["a", "b", "c"]) pass(name);
  clock.at = 3_001;
  expect(await turns(2)).toEqual(["a: 503", "b: 503", "c"]);
});

it("refuses after a second once the line was not empty for three", async () => {
  const room = { is: false };
  const { clock, pass, turns } = staged({ hasRoom: () => room.is });
  pass("a");
  clock.at = 1_900;
  for (const name of ["b", "c"]) pass(name);
  clock.at = 2_999;
  await turns(2);
  clock.at = 3_001;
  pass("d");
  room.is = true;
  await vi.waitFor(async () => expect(await turns(9)).toEqual(["a: 503", "b: 503", "c: 503", "d"]));
  // The line was empty: it is a rush again.
  for (const name of ["e", "f"]) pass(name);
  clock.at += 1_900;
  await vi.waitFor(async () => expect((await turns(9)).slice(4)).toEqual(["e", "f"]));
});

it("starts nobody while the database has no room, and refuses the last one, too", async () => {
  const room = { is: false };
  const { clock, pass, turns } = staged({ hasRoom: () => room.is });
  pass("a");
  clock.at = 3_000;
  expect(await turns(50)).toEqual([]);
  clock.at = 3_001;
  await vi.waitFor(async () => expect(await turns(1)).toEqual(["a: 503"]));
  pass("b");
  expect(await turns(50)).toEqual(["a: 503"]);
  room.is = true;
  await vi.waitFor(async () => expect(await turns(1)).toEqual(["a: 503", "b"]));
});

it("refuses four in a turn, and nobody is started between them", async () => {
  const { clock, pass, turns, seen } = staged();
  for (let n = 0; n < 11; n += 1) pass(`${n}`);
  clock.at = 3_001;
  await turns(6);
  const inTurns = seen
    .join(" ")
    .split("turn")
    .map(
      (turn) =>
        turn
          .trim()
          .split(" ")
          .filter((word) => word === "503").length,
    );
  expect(Math.max(...inTurns)).toBe(4);
  expect(seen.filter((each) => each !== "turn").at(-1)).toBe("10");
});

it("tells how many were refused in one line of the log, each ten seconds", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const lines: unknown[] = [];
  const { clock, pass, turns } = staged({ logger: { ...silent, warn: (text, fields) => lines.push([text, fields]) } });
  const refuse = async (count: number) => {
    for (let n = 0; n <= count; n += 1) pass(`${n}`);
    clock.at += 3_001;
    await turns(9);
  };
  await refuse(3);
  await refuse(2);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(10_000);
  const text = "the server was overloaded: payers were refused";
  expect(lines).toEqual([[text, { refused: 5, seconds: 10 }]]);
  vi.advanceTimersByTime(10_000);
  await refuse(1);
  vi.advanceTimersByTime(10_000);
  expect(lines.slice(1)).toEqual([[text, { refused: 1, seconds: 10 }]]);
  vi.useRealTimers();
});
