import type { Answer } from "./caller";
import { expectCode, expectMilliseconds, expectResult, expectSame } from "./expect";
import type { JsonObject } from "./json";
import type { CertifiedOrder, Run, Wanted } from "./run";
import { NEARLY_MS, outlive, TWELVE_HOURS_MS } from "./stories/twelve-hours";

/** An expected answer: in words, and as a check that throws a Verdict. */
export type Expected = readonly [words: string, check: (answer: Answer) => unknown];

/** The parts of a scenario: Payme's calls, the order, and `see`, which judges an answer and returns it. */
export interface Stage {
  readonly run: Run;
  readonly order: CertifiedOrder;
  /** @throws Verdict for an answer that Payme does not expect. */
  see(answer: Answer, expected: Expected): Answer;
}

/** A story of Payme with one order. */
interface Scenario {
  readonly about: string;
  play(stage: Stage): Promise<unknown>;
}

/** The reasons of a Cancel. Source: developer.help.paycom.uz, "Типы данных". */
const DEBIT_FAILED = 2;
const TIMEOUT = 4;
const REFUND = 5;

/** The rest of the 12 hours of a transaction that outlives them during a story. */
const LAST_MOMENT_MS = 5_000;

const FISCAL_REFUSAL = { status_code: 5, message: "the tax service refused the receipt" };

const ALLOWED: Expected = ["allow true", (answer) => expectResult(answer, { allow: true })];
const CREATED = changed(1, "create_time");
const PERFORMED = changed(2, "perform_time");
const CANCELLED = changed(-1, "cancel_time");
const TAKEN_OR_MISSING: Expected = [
  "success true; error -32601 where you do not have this method",
  (answer) => answer.error?.code === -32601 || expectResult(answer, { success: true }),
];

/** The stories of `payme-kit trigger`. */
export const SCENARIOS = {
  paid: {
    about: "the payer pays",
    async play(stage) {
      const { wanted } = await paid(stage);
      await look(stage, wanted, { state: 2, reason: null });
    },
  },
  declined: {
    about: "the card is declined after Create: Cancel with reason 2",
    play: (stage) => cancelled(stage, DEBIT_FAILED),
  },
  timeout: {
    about: "the payer leaves: nearly 12 hours after Create comes Cancel with reason 4",
    play: (stage) => cancelled(stage, TIMEOUT, NEARLY_MS),
  },
  refund: {
    about: "paid, then given back from the cabinet: Cancel with reason 5",
    async play(stage) {
      const { wanted } = await paid(stage);
      const [words, check] = changed(-2, "cancel_time");
      const expected = `${words}; error -31007 where you refuse the refund`;
      const { result } = stage.see(await stage.run.cancel(wanted, REFUND), [
        expected,
        (answer) => answer.error?.code === -31007 || check(answer),
      ]);
      await look(stage, wanted, result === undefined ? { state: 2 } : { state: -2, reason: REFUND });
    },
  },
  "lost-answer": {
    about: "the answers to Create and Perform are lost: both come again, and get the first answer",
    async play(stage) {
      const { run, see } = stage;
      const { wanted, create } = await begun(stage);
      await run.pause();
      see(await run.create(wanted), same(create));
      const perform = see(await run.perform(wanted), PERFORMED);
      await run.pause();
      see(await run.perform(wanted), same(perform));
      await look(stage, wanted, { state: 2, perform_time: perform.result?.perform_time });
    },
  },
  "double-perform": {
    about: "two equal Performs at the same moment, and one later, get one answer",
    async play(stage) {
      const { run, see } = stage;
      const { wanted } = await begun(stage);
      const [first, second] = await Promise.all([run.perform(wanted), run.perform(wanted)]);
      see(first, PERFORMED);
      see(second, same(first));
      await run.pause();
      see(await run.perform(wanted), same(first));
      await look(stage, wanted, { state: 2, perform_time: first.result?.perform_time });
    },
  },
  "late-perform": {
    about: "Perform comes after the 12 hours: it is refused, and the money goes back (waits for some seconds)",
    async play(stage) {
      const { run, see } = stage;
      const { wanted, create } = await begun(stage, TWELVE_HOURS_MS - LAST_MOMENT_MS);
      await outlive(run, wanted, create, LAST_MOMENT_MS);
      see(await run.perform(wanted), refused(-31008));
      see(await run.cancel(wanted, TIMEOUT), CANCELLED);
      await look(stage, wanted, { state: -1, reason: TIMEOUT, perform_time: 0 });
    },
  },
  "fiscal-refused": {
    about: "paid, then the tax service refuses the receipt: the order stays paid",
    async play(stage) {
      const { wanted } = await paid(stage);
      const data = { id: wanted.id, type: "PERFORM", fiscal_data: FISCAL_REFUSAL };
      stage.see(await stage.run.call("SetFiscalData", data), TAKEN_OR_MISSING);
      await look(stage, wanted, { state: 2, reason: null });
    },
  },
  "wrong-amount": {
    about: "the amount is not the order's: Check and Create refuse it, and the order stays free",
    async play({ run, order, see }) {
      const wrong = { ...order, amount: order.amount + 100 };
      see(await run.checkPerform(wrong), refused(-31001));
      see(await run.tryCreate({ ...run.wanted(order), amount: wrong.amount }), refused(-31001));
      see(await run.checkPerform(order), ALLOWED);
    },
  },
} satisfies Readonly<Record<string, Scenario>>;

/** The name of a story. */
export type ScenarioName = keyof typeof SCENARIOS;

/** True for the name of a story. */
export function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}

/** Check → Create. `ageMs`: how long ago Payme made the transaction. */
async function begun({ run, order, see }: Stage, ageMs?: number) {
  see(await run.checkPerform(order), ALLOWED);
  const wanted = run.wanted(order, ageMs);
  return { wanted, create: see(await run.create(wanted), CREATED) };
}

/** Check → Create → Perform. */
async function paid(stage: Stage) {
  const { wanted } = await begun(stage);
  stage.see(await stage.run.perform(wanted), PERFORMED);
  return { wanted };
}

/** Check → Create → Cancel. */
async function cancelled(stage: Stage, reason: number, ageMs?: number): Promise<void> {
  const { wanted } = await begun(stage, ageMs);
  stage.see(await stage.run.cancel(wanted, reason), CANCELLED);
  await look(stage, wanted, { state: -1, reason, perform_time: 0 });
}

/** CheckTransaction, at the end. */
async function look({ run, see }: Stage, wanted: Wanted, members: JsonObject): Promise<void> {
  const words = Object.entries(members).map(([name, value]) => `${name} ${value}`);
  see(await run.checkTransaction(wanted), [words.join(", "), (answer) => expectResult(answer, members)]);
}

/** A change with its new state, and its time in milliseconds. */
function changed(state: number, time: string): Expected {
  const check = (answer: Answer) => {
    expectResult(answer, { state });
    expectMilliseconds(answer, time);
  };
  return [`state ${state}, ${time} in milliseconds`, check];
}

function refused(code: number): Expected {
  return [`error ${code}`, (answer) => expectCode(answer, code)];
}

function same(first: Answer): Expected {
  return ["the same answer as before", (answer) => expectSame(first, answer)];
}
