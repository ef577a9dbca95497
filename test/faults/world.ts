import { createPaymeClient, type PaymeClient } from "../../src/entry/client";
import { tiyin } from "../../src/kit/money";
import { TEST_CARDS, type TestCard } from "../../src/testing/mock/cards";
import type { MockChoices } from "../../src/testing/mock/choices";
import { createMockPayme, type MockPayme } from "../../src/tools/mock-server/mock-payme";
import { START } from "../mock/kit";
import { type FaultPlan, KEPT_BACK_MS } from "./fault-kinds";

/** A card with nothing on it. */
export const EMPTY_CARD: TestCard = { number: "8600777788889999", expire: "0399", hasCvv: false, balance: tiyin(0) };

/** What Payme's documents leave open, chosen the other way round. */
export const CONTRARY: Partial<MockChoices> = {
  payAnswers: 2,
  workMs: 400,
  payAnswersNullId: true,
  messages: "languages",
  repeatedCancel: "refuse",
  repeatedConfirm: "receipt",
  cancelledHold: "queued",
  accountFields: "with_transaction",
  wholeCardNumbersInLists: true,
};

/** How long a client waits for an answer, by the real clock: only calls that are kept back take so long. */
const TIMEOUT_MS = 15;
/** A lasting fault hits so many attempts before the network heals. */
const STRUCK_ATTEMPTS = 2;

/** A Payme, a network that fails as planned, and a clock for all of them. */
export interface World {
  readonly mock: MockPayme;
  readonly client: PaymeClient;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** The methods that the client called, in order. */
  readonly calls: readonly string[];
  pass(ms: number): void;
  /** After each attempt: the network heals in time. */
  afterAttempt(): Promise<void>;
  /** The network heals now, whatever the plan. */
  heal(): Promise<void>;
  /** What was kept back to the end arrives. */
  allArrives(): Promise<void>;
  /** True where the planned fault has happened. */
  hasStruck(): boolean;
  /** True where nothing fails any more. */
  isCalm(): boolean;
}

/** A turn of the event loop: what the mock does without waiting is then done. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export function openWorld(plan?: FaultPlan, choices: Partial<MockChoices> = {}): World {
  let time = START;
  let keptBack: (() => void)[] = [];
  const calls: string[] = [];
  let struckAttempts = 0;
  let hasStruck = false;
  let arrivesAmid = false;
  const sleep = async (ms: number) => {
    time += ms;
  };
  const mock = createMockPayme({
    now: () => time,
    sleep: (ms) => (ms === KEPT_BACK_MS ? new Promise((resolve) => keptBack.push(resolve)) : sleep(ms)),
    cards: [...TEST_CARDS, EMPTY_CARD],
    choices,
  });

  async function arrive(): Promise<void> {
    const arriving = keptBack;
    keptBack = [];
    for (const letArrive of arriving) letArrive();
    await turn();
    await turn();
  }

  async function heal(): Promise<void> {
    hasStruck ||= mock.faults.list().some(({ happened }) => happened > 0);
    mock.faults.clear();
    if (plan?.fault.arrives === "healed") await arrive();
    arrivesAmid = plan?.fault.arrives === "amid";
  }

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method } = JSON.parse(await request.clone().text());
    calls.push(method);
    if (calls.length === plan?.call) mock.faults.add({ ...plan.fault.rule, ...(plan.lasts ? {} : { times: 1 }) });
    const answer = mock.fetch(request);
    if (!arrivesAmid) return answer;
    // After this call and before the next one.
    const response = await answer;
    arrivesAmid = false;
    await arrive();
    return response;
  };

  return {
    mock,
    calls,
    sleep,
    now: () => time,
    client: createPaymeClient({
      merchantId: mock.merchantId,
      key: mock.key,
      mode: "test",
      fetch,
      sleep,
      now: () => time,
      ...(plan?.fault.arrives === undefined ? {} : { timeoutMs: TIMEOUT_MS }),
    }),
    pass: (ms) => {
      time += ms;
    },
    async afterAttempt() {
      if (plan === undefined || calls.length < plan.call) return;
      struckAttempts += 1;
      if (struckAttempts === (plan.lasts ? STRUCK_ATTEMPTS : 1)) await heal();
    },
    heal,
    async allArrives() {
      await heal();
      await arrive();
    },
    hasStruck: () => hasStruck,
    isCalm: () => plan === undefined || hasStruck,
  };
}
