import { inspect } from "node:util";
import { createPayments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { aesSeal, createSubscriptions } from "../../src/entry/subscriptions";
import { som, tiyin } from "../../src/kit/money";
import { ReceiptState } from "../../src/protocol/states";
import type { FaultRule } from "../../src/testing/mock/faults";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { verifiedToken } from "../mock/kit";
import type { Books } from "./books";
import { createJournal, watchedStore } from "./journal";
import { judgeOf } from "./judge";
import { createMortal, mortalStorage, mortalStore } from "./mortal";
import { type Planted, plantedPayments, plantedStore } from "./planted-faults";
import { awayOf, CARD_KINDS, type CardKind, passOf, type Schedule, type ScheduleStep } from "./random-schedule";
import { consent, DAY, HOUR, SEAL_KEY } from "./shop";

const OWNER = "u1";
const PLANS = ["premium", "basic"] as const;
const PRICES = [som(50_000), som(20_000), som(80_000)] as const;
/** 15 and 31 January 2026, in Tashkent. */
const MID_MONTH = Date.UTC(2026, 0, 15, 10, 30);
const MONTH_END = Date.UTC(2026, 0, 31, 5, 0);
const YEARS = 3;
/** More runs at one moment than that: somebody is called again and again for nothing. */
const MOST_RUNS = 25;
/** An unknown end is asked about daily, and a subscription of a week has 160 periods. */
const MOST_WAKES = 5_000;
/** Errors that no caller should ever see. */
const BUGS = /^(TypeError|RangeError|ReferenceError|PaymeStorageError)/;

const { LIMIT, OTP } = { LIMIT: "Превышен лимит операций по карте", OTP: "СМС-информирование не подключено" };
const pays = (number: string, code: number, message: string) => ({
  number,
  expire: null,
  hasCvv: false,
  behaviour: { stage: "pay", code, message } as const,
});
const CARDS = {
  good: { number: "8600000000000001", expire: null, hasCvv: false },
  /** For a few periods. */
  short: { number: "8600000000000002", expire: null, hasCvv: false, balance: som(170_000) },
  empty: { number: "8600000000000003", expire: null, hasCvv: false, balance: tiyin(0) },
  gone: pays("8600000000000004", -31400, "Карта не найдена"),
  refused: pays("8600000000000005", -31640, "Списание не удалось"),
  limit: pays("8600000000000006", -31630, LIMIT),
  sms: pays("8600000000000007", -31301, OTP),
  broken: pays("8600000000000008", -32400, "Системная ошибка"),
} as const;

function faultOf({ fault, method, times }: ScheduleStep): FaultRule | undefined {
  const pay = { kind: "rpc_error", method: "receipts.pay", times } as const;
  switch (fault) {
    case "none":
      return undefined;
    case "lost before":
      return { kind: "drop_before", method, times };
    case "lost after":
      return { kind: "drop_after", method, times };
    case "inside Payme":
      return { kind: "rpc_error", code: -32400, method, times };
    case "inside Payme, done later":
      return { ...pay, code: -32400, doneAfterMs: 90_000 };
    case "done a day later":
      return { ...pay, code: -31002, doneAfterMs: 25 * HOUR };
    case "no money":
      return { ...pay, code: -31630, message: "Недостаточно средств" };
    case "merchant blocked":
      return { kind: "rpc_error", code: -31601, method, times };
    case "unreachable":
      return { kind: "http_status", status: 503, method, times };
  }
}

/** Counts what happened in all lives. */
export type Tally = (what: string) => void;

/** Lives a schedule for three years, and returns what is wrong: after the first wrong step it stops. */
export async function liveSchedule<Tx>(
  books: Books<Tx>,
  name: string,
  schedule: Schedule,
  { planted, tally = () => {} }: { planted?: Planted | undefined; tally?: Tally | undefined } = {},
): Promise<readonly string[]> {
  const life = openLife(books, name, schedule, planted);
  const { journal } = life;
  await life.subscribe(schedule.card, schedule.trialDays);
  for (const [index, step] of schedule.steps.entries()) {
    await life.take(step);
    await life.judge();
    if (journal.wrongs.length > 0) return journal.wrongs.map((wrong) => `after step ${index + 1}: ${wrong}`);
  }
  await life.calm();
  for (const what of journal.tallied) tally(what);
  return journal.wrongs;
}

function openLife<Tx>(books: Books<Tx>, name: string, schedule: Schedule, planted: Planted | undefined) {
  const start = schedule.isMonthEnd ? MONTH_END : MID_MONTH;
  let now = start;
  let ids = 0;
  const clock = () => now;
  const newId = () => {
    ids += 1;
    return `${name}-${ids}`;
  };
  const journal = createJournal();
  const mock = createMockPayme({
    now: clock,
    sleep: async (ms) => {
      now += Math.ceil(ms); // a pause may be half a millisecond, a clock never
    },
    seed: 1,
    cards: Object.values(CARDS),
  });
  const scope = { cashbox: name, mode: "test" } as const;
  const log = (message: string, fields?: object) => void journal.say({ message, ...fields });
  const logger = { info: log, warn: log, error: log };
  let hookThrows = false;
  let wakes = 0;

  function open(index: 0 | 1) {
    const mortal = createMortal();
    const { storage: bare, store } = books.processes[index];
    const storage = mortalStorage(bare, mortal);
    const sleep = (ms: number) =>
      mortal.step(async () => {
        now += Math.ceil(ms); // a pause may be half a millisecond, a clock never
        await new Promise((resolve) => setImmediate(resolve));
      });
    const fetch: typeof globalThis.fetch = (input, init) =>
      mortal.step(async () => {
        const request = new Request(input, init);
        await judge.beforeCall(await request.clone().text());
        return mock.fetch(request);
      });
    const { merchantId, key } = mock;
    const client = createPaymeClient({ merchantId, key, mode: "test", fetch, logger, retries: 0, sleep, now: clock });
    const payments = plantedPayments(
      createPayments<Tx>({
        storage,
        client,
        now: clock,
        sleep,
        logger,
        cashbox: name,
        newId,
        onEvent: (event) => journal.say(event),
      }),
      planted,
    );
    const subs = createSubscriptions<Tx>({
      payments,
      seal: aesSeal([SEAL_KEY]),
      store: mortalStore(plantedStore(watchedStore(store, journal), planted), mortal),
      catchUp: schedule.catchUp,
      onRenewed: (subscription, period, tx) => {
        if (hookThrows) {
          hookThrows = false;
          throw new Error("the hook of a renewal failed");
        }
        journal.say({ subscription, period, handle: typeof tx });
      },
    });
    return { mortal, payments, subs };
  }

  const processes = [open(0), open(1)];
  const processOf = (index: number) => {
    const at = index % 2 === 0 ? 0 : 1;
    const known = processes[at];
    if (known !== undefined && !known.mortal.isDead()) return known;
    const anew = open(at);
    processes[at] = anew;
    return anew;
  };
  const hasAccess = async (plan: string) => (await act(({ subs }) => subs.access({ owner: OWNER, plan })))?.active;
  const judge = judgeOf({ mock, books: books.processes[0], scope, owner: OWNER, schedule, journal, clock, hasAccess });

  /** Does something in a process, which may die of it. A refusal is an answer. */
  async function act<R>(work: (process: ReturnType<typeof open>) => Promise<R>, index = 0): Promise<R | undefined> {
    const process = processOf(index);
    const given = await process.mortal.lives(work(process)).catch((error: unknown) => {
      journal.say(inspect(error, { depth: 6 }));
      if (error instanceof Error && BUGS.test(error.name)) journal.wrong(`a bug: ${inspect(error)}`);
      return undefined;
    });
    if (given === "died") {
      journal.tally("a process died");
      return undefined;
    }
    journal.say(given);
    return given;
  }

  /** All that is due now, by so many workers. */
  async function work(workers: number): Promise<void> {
    for (let runs = 0; runs < MOST_RUNS; runs += 1) {
      const all = Array.from({ length: workers }, (_, index) =>
        act(async ({ payments, subs }) => {
          await payments.reconcile();
          return subs.run();
        }, index),
      );
      const reports = await Promise.all(all);
      const checked = reports.reduce((sum, report) => sum + (report?.checked ?? 0), 0);
      if (checked === 0 && !reports.includes(undefined)) return;
    }
    journal.wrong(`a subscription is due again and again at ${new Date(now).toISOString()}`);
  }

  /** Time goes by with workers that look when something is due. */
  async function pass(ms: number, workers: number): Promise<void> {
    const end = now + ms;
    while (now < end && journal.wrongs.length === 0) {
      wakes += 1;
      if (wakes > MOST_WAKES) journal.wrong("somebody is called for nothing, without end");
      const due = (await judge.subscriptions()).map(({ nextAt }) => nextAt ?? end).filter((at) => at > now);
      now = Math.max(now, Math.min(end, ...due));
      await work(workers);
    }
    if (ms >= DAY) await act(({ payments }) => payments.review());
  }

  async function attach(kind: CardKind) {
    const token = await verifiedToken(mock, { card: { number: CARDS[kind].number, expire: "1240" } });
    journal.secret(token);
    return act(({ subs }) => subs.cards.attach({ owner: OWNER, token, consent }));
  }

  const pick = <Item>(items: readonly Item[], which: number): Item | undefined =>
    items.length === 0 ? undefined : items[which % items.length];
  const live = async () => (await judge.subscriptions()).filter(({ state }) => state !== "ENDED");

  async function subscribe(kind: CardKind, trialDays: number, which = 0): Promise<void> {
    const card = await attach(kind);
    const plan = PLANS[which % 2] ?? "premium";
    if (card === undefined) return;
    const wanted = { owner: OWNER, plan, amount: PRICES[0], every: schedule.every, card: card.id, trialDays };
    // A double click.
    await Promise.all([act(({ subs }) => subs.create(wanted)), act(({ subs }) => subs.create(wanted), which)]);
  }

  async function deed(step: ScheduleStep): Promise<unknown> {
    const { deed: what, which, workers } = step;
    if (what === "pass") return pass(passOf(step), workers);
    if (what === "away") {
      now += awayOf(step);
      return work(workers);
    }
    if (what === "subscribe") return subscribe(pick(CARD_KINDS, which) ?? "good", schedule.trialDays, which);
    const subscription = pick(await live(), which);
    if (subscription === undefined) return subscribe(pick(CARD_KINDS, which) ?? "good", schedule.trialDays, which);
    const { id, cardId, state } = subscription;
    switch (what) {
      case "cancel at the end":
      case "cancel now": {
        // Amid the work of others.
        const at = what === "cancel now" ? "now" : "period_end";
        return Promise.all([work(workers), act(({ subs }) => subs.cancel(id, { at }), which)]);
      }
      case "pause":
        return act(({ subs }) => subs.pause(id));
      case "resume":
        if (state === "PAUSED") journal.movedBoundaries(id);
        return act(({ subs }) => subs.resume(id));
      case "change the card": {
        const card = await attach(pick(CARD_KINDS, which) ?? "good");
        if (card === undefined) return undefined;
        return Promise.all([work(workers), act(({ subs }) => subs.changeCard(id, card.id), which)]);
      }
      case "remove the card":
        return act(({ subs }) => subs.cards.remove(cardId));
      case "change the price":
        journal.movedBoundaries(id);
        if (which % 4 >= 2 && which % 8 < 4) journal.exchanged(id);
        return act(({ subs }) =>
          subs.changePlan(id, {
            amount: PRICES[which % 3],
            at: which % 4 < 2 ? "period_end" : "now",
            prorate: which % 8 < 4 ? "days" : "amount",
            consented: which % 5 === 0,
          }),
        );
      case "change the plan":
        journal.movedBoundaries(id);
        if (which % 4 >= 2 && which % 8 < 4) journal.exchanged(id);
        return act(({ subs }) =>
          subs.changePlan(id, {
            plan: PLANS[which % 2],
            every: which % 3 === 0 ? { months: 2 } : undefined,
            at: which % 4 < 2 ? "period_end" : "now",
            prorate: which % 8 < 4 ? "days" : "amount",
          }),
        );
      case "consent":
        return act(({ subs }) => subs.consent(id, subscription.change?.amount ?? subscription.amount));
      case "refund":
      case "refund by hand": {
        const receipt = pick(
          mock
            .receipts()
            .filter(({ state }) => state === ReceiptState.PAID)
            .reverse(),
          which % 3,
        );
        if (receipt === undefined) return undefined;
        journal.refundBegins();
        if (what === "refund by hand") return mock.cancel(receipt._id);
        return act(({ payments }) => payments.refund(String(receipt.account[0]?.value)));
      }
      case "cancel by hand": {
        const open = mock.receipts().findLast(({ state }) => state === ReceiptState.CREATED);
        return open && mock.cancel(open._id);
      }
      default:
        return undefined;
    }
  }

  async function take(step: ScheduleStep): Promise<void> {
    journal.tally(step.deed);
    hookThrows = step.hookThrows;
    const rule = faultOf(step);
    if (rule !== undefined) mock.faults.add(rule);
    processOf(0).mortal.plan(step.kill);
    await deed(step);
    processes[0]?.mortal.plan(null);
  }

  /** Nothing fails any more: what was begun comes to its end, and three years go by. */
  async function calm(): Promise<void> {
    hookThrows = false;
    mock.faults.clear();
    await pass(2 * DAY, 1);
    if ((await live()).length === 0) await subscribe("good", 0);
    for (const subscription of await live()) {
      const card = await attach("good");
      if (card !== undefined) await act(({ subs }) => subs.changeCard(subscription.id, card.id));
      const found = await books.processes[0].store.findSubscription(subscription.id);
      if (found !== undefined) await act(({ subs }) => subs.consent(found.id, found.change?.amount ?? found.amount));
    }
    await pass(40 * DAY, 2);
    await judge.all();
    await judge.isAlive();
    const end = start + YEARS * 365 * DAY;
    if (journal.wrongs.length === 0 && now < end) await pass(end - now, 1);
    await judge.all();
    await judge.isAlive();
    await judge.isSecret();
  }

  return {
    journal,
    take,
    calm,
    judge: judge.all,
    subscribe: (kind: CardKind, trialDays: number) => subscribe(kind, trialDays),
  };
}
