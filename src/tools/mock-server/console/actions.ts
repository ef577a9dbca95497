import { formatSom, tiyin } from "../../../kit/money";
import type { TestCard } from "../../../testing/mock/cards";
import type { Disagreement } from "../../../testing/mock/merchant/disagreement";
import type { MockCore } from "../../../testing/mock/mock-core";
import { Refusal } from "../../../testing/mock/refusal";
import { inputOf } from "../pages/test-cards-view";
import { FAULT_PRESETS } from "./fault-presets";

/** What the console uses of its mock. */
export type ConsoleMock = Pick<
  MockCore,
  | "cancel"
  | "cards"
  | "cashboxes"
  | "confirmHold"
  | "disagreements"
  | "exchanges"
  | "expire"
  | "faults"
  | "notifications"
  | "pay"
  | "receipt"
  | "receipts"
  | "redeliver"
  | "settle"
>;

/** What the console works with. The mock as it is: a copy of it would show what was before a press. */
export interface ConsoleTools {
  readonly mock: ConsoleMock;
  readonly testCards: readonly TestCard[];
  now(): number;
}

/** What came of a press: words for the person, and what a comparison of the books found. */
export interface Done {
  readonly words: string;
  readonly isBad?: boolean | undefined;
  readonly disagreements?: readonly Disagreement[] | undefined;
}

type Action = (tools: ConsoleTools, form: URLSearchParams) => Promise<Done>;

/** The buttons of the console, by the value that they send. */
const ACTIONS: Readonly<Record<string, Action>> = {
  async pay({ mock, testCards, now }, form) {
    const id = form.get("id") ?? "";
    const card = testCards[Number(form.get("card"))];
    if (card === undefined) return { words: "there is no such test card", isBad: true };
    const outcome = await mock.pay(id, { card: inputOf(card, now()) });
    if (outcome.outcome === "declined") return { words: `declined: ${outcome.code} ${outcome.message}`, isBad: true };
    return { words: `${outcome.outcome}: ${formatSom(tiyin(outcome.receipt.amount))} som` };
  },
  async cancel({ mock }, form) {
    const { state } = await mock.cancel(form.get("id") ?? "");
    return { words: `cancelled: the receipt is in state ${state}` };
  },
  async confirm({ mock }, form) {
    const { state } = await mock.confirmHold(form.get("id") ?? "");
    return { words: `the held money was taken: state ${state}` };
  },
  async expire({ mock }, form) {
    const { state } = await mock.expire(form.get("id") ?? "");
    return { words: `the payer is gone: state ${state}` };
  },
  async resend({ mock }, form) {
    const sent = await mock.redeliver(form.get("id") ?? "");
    if (sent === undefined) return { words: "there is no notification of it yet", isBad: true };
    const answer = sent.attempts.at(-1);
    return { words: `sent again: ${answer === undefined ? "nobody to send it to" : (answer ?? "no answer")}` };
  },
  async settle({ mock }) {
    await mock.settle();
    return { words: "what merchants left unanswered was asked again" };
  },
  async compare({ mock }) {
    const disagreements = await mock.disagreements();
    const isBad = disagreements.length > 0;
    return { words: isBad ? `${disagreements.length} differences` : "the books agree", isBad, disagreements };
  },
  async fault_on({ mock }, form) {
    const preset = FAULT_PRESETS.find(({ key }) => key === form.get("fault"));
    const method = (form.get("method") ?? "").trim();
    if (preset === undefined || !/^[\w.*]{1,60}$/.test(method))
      return { words: "choose a fault and a method", isBad: true };
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

/** Does what a button asks for. What Payme would refuse is told, not thrown. */
export async function act(tools: ConsoleTools, form: URLSearchParams): Promise<Done> {
  const action = ACTIONS[form.get("action") ?? ""];
  if (action === undefined) return { words: "there is no such button", isBad: true };
  try {
    return await action(tools, form);
  } catch (error) {
    if (error instanceof Refusal) return { words: `refused: ${error.code} ${error.message}`, isBad: true };
    throw error;
  }
}
