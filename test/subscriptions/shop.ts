import { createPayments, type PaymentsOptions } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { aesSeal, createSubscriptions, type SubscriptionsOptions } from "../../src/entry/subscriptions";
import type { Logger } from "../../src/kit/logger";
import { som } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import { TEST_CARDS } from "../../src/testing/mock/cards";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { EMPTY_CARD } from "../faults/world";
import { verifiedToken } from "../mock/kit";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The 15th of January 2026, 15:30 in Tashkent. */
export const START = Date.UTC(2026, 0, 15, 10, 30);

export const SEAL_KEY = Buffer.alloc(32, 7).toString("base64");
export const consent = { text: "I agree to be charged each month.", version: "2026-01" };
export const premium = { owner: "u1", plan: "premium", amount: som(50_000), every: { months: 1 } } as const;

/** How a shop is made: on which storage, and with which mock and policy. */
export interface SubscriptionShopOptions<Tx> {
  readonly storage: Storage<Tx>;
  readonly mock?: MockPaymeOptions | undefined;
  readonly payments?: Partial<PaymentsOptions<Tx>> | undefined;
  readonly subscriptions?: Partial<SubscriptionsOptions<Tx>> | undefined;
}

/** A shop that sells subscriptions, with a Payme of its own and one clock for both. */
export function createSubscriptionShop<Tx>(options: SubscriptionShopOptions<Tx>) {
  let now = START;
  const clock = () => now;
  const mock = createMockPayme({ now: clock, seed: 1, cards: [...TEST_CARDS, EMPTY_CARD], ...options.mock });
  const lines: string[] = [];
  const log = (message: string, fields?: object) => void lines.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { info: log, warn: log, error: log };
  const { storage } = options;
  const sleep = async (ms: number) => {
    now += Math.ceil(ms); // a pause may be half a millisecond, a clock never
    await new Promise((resolve) => setImmediate(resolve));
  };
  /** A process: it has nothing but the storage and Payme. */
  const open = (more: Partial<SubscriptionsOptions<Tx>> = {}) => {
    const client = createPaymeClient({
      merchantId: mock.merchantId,
      key: mock.key,
      mode: "test",
      fetch: mock.fetch,
      logger,
      retries: 0,
      sleep,
      now: clock,
    });
    const payments = createPayments<Tx>({
      storage,
      client,
      now: clock,
      logger,
      sleep,
      ...options.payments,
    });
    const subs = createSubscriptions<Tx>({ payments, seal: aesSeal([SEAL_KEY]), ...options.subscriptions, ...more });
    return { client, payments, subs };
  };
  const first = open();
  const { subs, payments } = first;
  return {
    ...first,
    open,
    mock,
    lines,
    storage,
    now: clock,
    pass(ms: number): void {
      now += Math.ceil(ms); // a pause may be half a millisecond, a clock never
    },
    at(moment: number): void {
      now = Math.max(now, moment);
    },
    attach: async (
      owner = "u1",
      card: { number: string; expire: string } = { number: "8600495473316478", expire: "0399" },
    ) => subs.cards.attach({ owner, token: await verifiedToken(mock, { card }), consent }),
    attachEmpty: async (owner = "u1") =>
      subs.cards.attach({
        owner,
        token: await verifiedToken(mock, { card: { number: EMPTY_CARD.number, expire: "0399" } }),
        consent,
      }),
    /** Time goes by in steps of an hour, with a worker that runs. */
    async live(ms: number, step = HOUR) {
      const end = now + ms;
      while (now < end) {
        now = Math.min(now + step, end);
        await payments.reconcile();
        while ((await subs.run()).checked > 0);
      }
    },
    debits: () => mock.movements.filter(({ kind }) => kind === "take").length,
    kinds: async (id: string) =>
      ((await subs.story(id))?.events ?? []).map(({ kind }) => kind.replace("subscription.", "")),
  };
}
