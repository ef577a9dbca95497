import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/testing/mock/random";
import { certify } from "../../src/tools/certifier/certify";
import { createEndpoint, KEY, OTHER_KEY, type Rules } from "../faulty/endpoints/reference";
import { idsOf } from "./shops";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** How long a call is held up before the endpoint has it, and how long its answer before the certifier has it. */
type Stall = (method: string) => readonly [beforeMs: number, afterMs: number];

/** What the certifier says of an endpoint on a machine that stalls; no real time goes by. */
async function certified(mistake: Partial<Rules>, stall: Stall, aheadMs = 0) {
  let time = Date.now();
  const endpoint = createEndpoint(mistake, () => time + aheadMs);
  return idsOf({
    async api(request) {
      const [, method = ""] = /"method":"(\w+)"/.exec(await request.clone().text()) ?? [];
      const [beforeMs, afterMs] = stall(method);
      time += beforeMs;
      const answer = await endpoint.fetch(request);
      time += afterMs;
      return answer;
    },
    key: KEY,
    newOrder: endpoint.newOrder,
    credited: endpoint.credited,
    now: () => time,
    sleep: (ms) => {
      time += ms;
    },
  });
}

const CLEAN = { failed: [], warned: [] };

describe("on a machine that stalls", () => {
  it.each<[string, number, number]>([
    ["before each Create", 2_500, 0],
    ["longer than three seconds before each Create", 4_000, 0],
    ["after each Create", 0, 8_000],
    ["before and after each Create", 4_000, 3_000],
  ])("a right endpoint is not accused, and its 12 hours are seen: %s", async (_, beforeMs, afterMs) => {
    for (const aheadMs of [0, 200_000, -200_000]) {
      const stall: Stall = (method) => (method === "CreateTransaction" ? [beforeMs, afterMs] : [0, 0]);
      const { skipped, ...told } = await certified({}, stall, aheadMs);
      expect(told).toEqual(CLEAN);
      expect(skipped).not.toContain("timeout.reason");
    }
  });

  it(`a right endpoint is not accused wherever it stalls (SEED=${SEED})`, async () => {
    const { next } = seededRandom(SEED);
    const upTo = (ms: number) => Math.floor(next() ** 3 * ms);
    // Now and then somebody shuts the lid of his machine.
    const stalled = () => (next() < 0.02 ? 11 * 60_000 : upTo(20_000));
    for (let run = 0; run < 10; run += 1) {
      const takesOldOnes = run % 2 === 1;
      const stall: Stall = () => [stalled(), stalled()];
      const { skipped: _, ...told } = await certified({ takesOldOnes }, stall, upTo(600_000) - 300_000);
      expect(told).toEqual(takesOldOnes ? { ...CLEAN, warned: ["timeout.create"] } : CLEAN);
    }
  });

  it.each<[string, Partial<Rules>, string]>([
    ["performs what is over by Payme's time", { bornAt: (row) => row.create_time }, "timeout.perform"],
    ["forgets the reason", { timeoutReason: null }, "timeout.reason"],
    [
      "states by its own time",
      { isListed: (row, { from, to }) => row.create_time >= from && row.create_time <= to },
      "statement.by-payme-time",
    ],
    [
      "states by either time",
      { isListed: (row, { from, to }) => [row.time, row.create_time].some((time) => time >= from && time <= to) },
      "statement.by-payme-time",
    ],
    ["fulfils twice", { readsThenPerforms: true }, "perform.once"],
    ["loses a payment to a Cancel", { readsThenCancels: true }, "perform.against-cancel"],
  ])("an endpoint that %s is told of it", async (_, mistake, id) => {
    const { failed } = await certified(mistake, () => [700, 1_800], 100_000);
    expect(failed).toContain(id);
  });

  it(`a right endpoint is accused of lost answers, and of nothing that follows from them (SEED=${SEED})`, async () => {
    const { next } = seededRandom(SEED);
    let accusations = 0;
    for (let run = 0; run < 20; run += 1) {
      let [time, calls] = [Date.now(), 0];
      const endpoint = createEndpoint({ takesOldOnes: run % 2 === 1 }, () => time);
      const { checks } = await certify({
        async api(request) {
          calls += 1;
          // Where the first is lost, nothing is certified at all.
          const [isLost, isAnswerLost] = calls === 1 ? [] : [next() < 0.02, next() < 0.04];
          if (isLost === true) throw lost();
          const answer = await endpoint.fetch(request);
          if (isAnswerLost === true) throw lost();
          return answer;
        },
        key: KEY,
        otherKey: OTHER_KEY,
        newOrder: endpoint.newOrder,
        credited: endpoint.credited,
        now: () => time,
        sleep: (ms) => {
          time += ms;
        },
      });
      const failed = checks.filter(({ status }) => status === "failed");
      expect(failed.filter(({ exchange }) => exchange?.response !== null)).toEqual([]);
      accusations += failed.length;
    }
    expect(accusations).toBeGreaterThan(0);
  });

  it("an endpoint whose Performs were not answered is not said to have refused them", async () => {
    const endpoint = createEndpoint();
    const creates = new Map<string, number>();
    const { failed, skipped } = await idsOf({
      async api(request) {
        const { method, id } = await callOf(request);
        const answer = await endpoint.fetch(request);
        if (method === "CreateTransaction") creates.set(id, (creates.get(id) ?? 0) + 1);
        const isLost = method === "PerformTransaction" && (creates.get(id) ?? 0) >= 16;
        if (isLost) throw lost();
        return answer;
      },
      key: KEY,
      newOrder: endpoint.newOrder,
    });
    expect(failed).toEqual(["http.status"]);
    expect(skipped).toContain("perform.against-cancel");
  });
});

/** What fetch says of a connection that broke. */
function lost(): TypeError {
  return new TypeError("fetch failed");
}

async function callOf(request: Request): Promise<{ method: string; id: string }> {
  try {
    const { method, params } = JSON.parse(await request.clone().text());
    return { method, id: params.id };
  } catch {
    return { method: "", id: "" };
  }
}
