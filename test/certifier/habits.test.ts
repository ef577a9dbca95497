import { describe, expect, it } from "vitest";
import { type CertifyOptions, certify } from "../../src/tools/certifier/certify";
import {
  FixedPriceUnchecked,
  KEY,
  KeyOnly,
  NoDefaultBranch,
  OwnClock,
  PlainEndpoint,
  SecondFieldIgnored,
  TwelveMinutes,
} from "../faulty/endpoints/habits";
import { createClock, idsOf } from "./shops";

function given(Endpoint: new (now: () => number) => PlainEndpoint, more: Partial<CertifyOptions> = {}): CertifyOptions {
  const { now, sleep } = createClock();
  const endpoint = new Endpoint(now);
  const { newOrder, credited } = endpoint;
  return { api: endpoint, key: KEY, newOrder, credited, now, sleep, ...more };
}

/** What none of them has: the methods are optional, the answer without data is an unknown method's. */
const NONE_HAS = ["json-rpc.unknown-method", "fiscal.success"];

describe.concurrent("an endpoint with a habit of public integrations", () => {
  it.for<[string, new (now: () => number) => PlainEndpoint, string[], string[], Partial<CertifyOptions>?]>([
    ["none", PlainEndpoint, [], []],
    ["the key only is compared", KeyOnly, [], ["auth.login"]],
    ["12 minutes", TwelveMinutes, ["timeout.not-before"], []],
    ["its own clock", OwnClock, ["timeout.perform", "statement.by-payme-time"], ["timeout.create"]],
    ["the second field is ignored", SecondFieldIgnored, ["create.every-field"], []],
    [
      "a fixed price is not compared",
      FixedPriceUnchecked,
      ["check-perform.wrong-amount", "create.wrong-amount"],
      [],
      { fixedPrice: true },
    ],
  ])("is told of it, and of nothing else: %s", async ([, Endpoint, failed, warned, more], { expect }) => {
    const told = await idsOf(given(Endpoint, more));
    expect(told.failed.sort()).toEqual(failed.sort());
    expect(told.warned.sort()).toEqual([...NONE_HAS, ...warned].sort());
  });

  it("is not asked for its price where any amount is right", async ({ expect }) => {
    expect((await idsOf(given(FixedPriceUnchecked, { accumulative: true }))).failed).toEqual([]);
  });
});

describe("an endpoint that leaves unknown methods unanswered", () => {
  it("costs the time limit once, and is told that it must answer", async () => {
    const waits: string[] = [];
    const options = given(NoDefaultBranch, { timeoutMs: 5_000, otherKey: "another-key" });
    const startedAt = performance.now();
    const { checks } = await certify(options);
    expect(performance.now() - startedAt).toBeLessThan(12_000);
    const told = (wanted: string) => checks.filter(({ status }) => status === wanted).map(({ id }) => id);
    expect(told("failed")).toEqual(["json-rpc.unknown-method", "http.status"]);
    expect(told("warned")).toEqual(["fiscal.success", "change-password.changed"]);
    for (const { exchange } of checks) if (exchange?.failure !== undefined) waits.push(exchange.failure);
    expect(waits.filter((failure) => failure === "no answer within 5 s").length).toBe(2);
  });
});
