import { addMonths, DAY_MS } from "../../../kit/calendar";
import { formatSom, tiyin } from "../../../kit/money";
import type { Disagreement } from "../../../testing/mock/merchant/disagreement";
import type { MockCore, MockInside } from "../../../testing/mock/mock-core";
import { Refusal } from "../../../testing/mock/refusal";
import { inputOf } from "../pages/test-cards-view";
import { FAULT_PRESETS } from "./fault-presets";
import { momentOf } from "./parts";

/** The parts of a mock that the console needs. `mock` is the mock itself: a copy would show old state. */
export type ConsoleTools = { readonly mock: MockCore } & Pick<MockInside, "testCards" | "aheadMs" | "passTime">;

/** The outcome of a press: words for the person, and what a comparison of the books found. */
export interface Done {
  readonly words: string;
  readonly isBad?: boolean | undefined;
  /** Default 200. */
  readonly status?: number | undefined;
  readonly disagreements?: readonly Disagreement[] | undefined;
}

/** Carries out a press, with its form and the id of its receipt. */
type Action = (tools: ConsoleTools, form: URLSearchParams, id: string) => Promise<Done>;

/** Moves the clock to a time that is counted from now. */
function clockTo(later: (now: number) => number): Action {
  return async ({ mock, passTime }) => {
    const before = mock.now();
    passTime(later(before) - before);
    return { words: `it is ${momentOf(mock.now())} for Payme` };
  };
}

const bad = (words: string): Done => ({ words, isBad: true });

/** The actions of the console's buttons, by their values. */
const ACTIONS: Readonly<Record<string, Action>> = {
  async pay({ mock, testCards }, form, id) {
    const card = testCards[Number(form.get("card"))];
    if (card === undefined) return bad("there is no such test card");
    const outcome = await mock.pay(id, { card: inputOf(card, mock.now()) });
    if (outcome.outcome === "declined") return bad(`declined: ${outcome.code} ${outcome.message}`);
    return { words: `${outcome.outcome}: ${formatSom(tiyin(outcome.receipt.amount))} som` };
  },
  async cancel({ mock }, _form, id) {
    const { state } = await mock.cancel(id);
    return { words: `cancelled: the receipt is in state ${state}` };
  },
  async confirm({ mock }, _form, id) {
    const { state } = await mock.confirmHold(id);
    return { words: `the held money was taken: state ${state}` };
  },
  async expire({ mock }, _form, id) {
    const { state } = await mock.expire(id);
    return { words: `the payer is gone: state ${state}` };
  },
  async resend({ mock }, _form, id) {
    const sent = await mock.redeliver(id);
    if (sent === undefined) return bad("there is no notification of it yet");
    const answer = sent.attempts.at(-1);
    return { words: `sent again: ${answer === undefined ? "nobody to send it to" : (answer ?? "no answer")}` };
  },
  async settle({ mock }) {
    await mock.settle();
    return { words: "calls that merchants left unanswered were repeated" };
  },
  async compare({ mock }) {
    const disagreements = await mock.disagreements();
    const isBad = disagreements.length > 0;
    return { words: isBad ? `${disagreements.length} differences` : "the books agree", isBad, disagreements };
  },
  pass_hour: clockTo((now) => now + DAY_MS / 24),
  pass_day: clockTo((now) => now + DAY_MS),
  pass_month: clockTo((now) => addMonths(now, 1)),
  async fault_on({ mock }, form) {
    const preset = FAULT_PRESETS.find(({ key }) => key === form.get("fault"));
    const method = (form.get("method") ?? "").trim();
    if (preset === undefined || !/^[\w.*]{1,60}$/.test(method)) return bad("choose a fault and a method");
    const times = Number(form.get("times"));
    mock.faults.add({ ...preset.fault, method, ...(Number.isSafeInteger(times) && times > 0 ? { times } : {}) });
    return { words: `${preset.name}: on for ${method}` };
  },
  async fault_off({ mock }, form) {
    mock.faults.list()[Number(form.get("rule"))]?.remove();
    return { words: "off" };
  },
  async faults_off({ mock }) {
    mock.faults.clear();
    return { words: "all faults are off" };
  },
};

/** Carries out a press. A refusal of Payme is shown, not thrown. */
export async function act(tools: ConsoleTools, form: URLSearchParams): Promise<Done> {
  const name = form.get("action") ?? "";
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) return { ...bad("there is no such button"), status: 400 };
  try {
    return await action(tools, form, form.get("id") ?? "");
  } catch (error) {
    if (error instanceof Refusal) return bad(`refused: ${error.code} ${error.message}`);
    throw error;
  }
}
