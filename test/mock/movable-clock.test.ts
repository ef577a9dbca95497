import { expect, it } from "vitest";
import { createTestClock } from "../../src/entry/testing";
import { createMovableClock } from "../../src/testing/mock/movable-clock";
import { START } from "./kit";

const HOUR = 3_600_000;

it("a sleep takes as long as is left of it after a move", async () => {
  const base = createTestClock(START);
  const clock = createMovableClock(base);
  let endedAt: number | undefined;
  void clock.sleep(2 * HOUR).then(() => {
    endedAt = base.now();
  });
  await base.advance(HOUR / 2);
  clock.setAhead(HOUR);
  await base.advance(HOUR / 2 - 1);
  expect([endedAt, clock.now() - START]).toEqual([undefined, 2 * HOUR - 1]);
  await base.advance(1);
  expect([endedAt, base.waiting]).toEqual([START + HOUR, 0]);
});

it("a move past its end ends a sleep, and an abort rejects it: no timer is left", async () => {
  const base = createTestClock(START);
  const clock = createMovableClock(base);
  const stop = new AbortController();
  const [ended, stopped] = [clock.sleep(HOUR), clock.sleep(3 * HOUR, stop.signal)];
  clock.setAhead(2 * HOUR);
  await ended;
  stop.abort("stop");
  await expect(stopped).rejects.toBe("stop");
  expect([base.now(), base.waiting]).toEqual([START, 0]);
});
