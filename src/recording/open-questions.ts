import { TEST_CARDS } from "../mock/cards";
import { maskCardNumber } from "../protocol/card";
import { messageText } from "../protocol/json-rpc";
import { receiptCreatedAt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import { at, isRecord } from "./json";
import { callsOf, type RecordedCall } from "./recorded-call";
import type { Recording } from "./recording";

/** A question that Payme's documentation leaves open, and what a recording says about it. */
export interface AnsweredQuestion {
  readonly question: string;
  /** Empty: nothing. */
  readonly evidence: readonly string[];
}

/** What a recording says about what nobody could find out without a cashbox. */
export function openQuestions(recording: Recording): AnsweredQuestion[] {
  const calls = callsOf(recording, "subscribe");
  const merchantCalls = callsOf(recording, "merchant");
  const of = (method: string) => calls.filter((call) => call.method === method);
  return [
    {
      question: "With which code, and at which step, does each failing test card fail?",
      evidence: failingCards(calls),
    },
    {
      question: "What does a repeated pay, cancel or confirm_hold answer?",
      evidence: ["receipts.pay", "receipts.cancel", "receipts.confirm_hold"].flatMap((method) => repeats(of(method))),
    },
    {
      question: "Can receipts.pay answer with another state than 4 and 5?",
      evidence: of("receipts.pay").flatMap((call) => (stateOf(call) === undefined ? [] : [told(call)])),
    },
    { question: "How long does an unpaid receipt live?", evidence: oldestUnpaid(calls) },
    {
      question: "Are there rate limits?",
      evidence: calls.flatMap(({ n, method, exchange: { response } }) =>
        response === null || response.status === 200 ? [] : [`${n} ${method}: HTTP ${response.status}`],
      ),
    },
    {
      question: "Does confirm_hold take an amount?",
      evidence: of("receipts.confirm_hold").flatMap((call) => ("amount" in call.params ? [told(call)] : [])),
    },
    {
      question: "Is the Merchant API's transaction id the receipt's _id, and when is CheckPerformTransaction called?",
      evidence: sharedIds(calls, merchantCalls),
    },
    {
      question: "What does set_fiscal_data answer?",
      evidence: of("receipts.set_fiscal_data").map(
        (call) => `${call.n} ${JSON.stringify(at(call.answer, "result") ?? at(call.answer, "error"))}`,
      ),
    },
    {
      question: "Is partially of receipts.cancel still taken?",
      evidence: of("receipts.cancel").flatMap((call) => ("partially" in call.params ? [told(call)] : [])),
    },
    { question: "What does wait of get_verify_code mean?", evidence: waits(of("cards.get_verify_code")) },
    {
      question: "Which data has a refused X-Auth (-32504)?",
      evidence: calls.flatMap((call) => (call.code === -32504 ? [`${xAuthOf(call)}: ${told(call)}`] : [])),
    },
    {
      question: "Do cards.check and cards.remove take the id alone?",
      evidence: [...of("cards.check"), ...of("cards.remove")].flatMap((call) =>
        xAuthOf(call) === "<id>" ? [told(call)] : [],
      ),
    },
  ];
}

/** A call and what came of it, in one line. */
function told(call: RecordedCall): string {
  const { n, method, code, answer } = call;
  if (code === undefined) return `${n} ${method}: state ${stateOf(call) ?? "none"}`;
  const message = at(answer, "error", "message");
  const text = typeof message === "string" ? message : isRecord(message) ? messageText(message, "ru") : "";
  return `${n} ${method}: ${code} ${JSON.stringify(text)}, data ${JSON.stringify(at(answer, "error", "data") ?? null)}`;
}

function stateOf({ answer }: RecordedCall): number | undefined {
  const state = at(answer, "result", "receipt", "state") ?? at(answer, "result", "state");
  return typeof state === "number" ? state : undefined;
}

function xAuthOf({ exchange }: RecordedCall): string {
  return exchange.request.headers["x-auth"] ?? "none";
}

const FAILING = new Set(TEST_CARDS.filter(({ behaviour }) => behaviour).map(({ number }) => maskCardNumber(number)));

function failingCards(calls: readonly RecordedCall[]): string[] {
  const cardOfToken = new Map<unknown, unknown>();
  return calls.flatMap((call) => {
    const card = at(call.params, "card", "number") ?? cardOfToken.get(call.params.token);
    const token = at(call.answer, "result", "card", "token");
    if (token !== undefined) cardOfToken.set(token, card);
    if (typeof card !== "string" || !FAILING.has(card)) return [];
    return [
      `${card}: ${call.code === undefined ? `${call.n} ${call.method}: no error` : told(call)} (${call.exchange.ms} ms)`,
    ];
  });
}

/** Calls of one method about one receipt, after the first that was not refused. */
function repeats(calls: readonly RecordedCall[]): string[] {
  const done = new Set<unknown>();
  return calls.flatMap((call) => {
    const isRepeat = done.has(call.params.id);
    if (call.code === undefined) done.add(call.params.id);
    return isRepeat ? [told(call)] : [];
  });
}

function oldestUnpaid(calls: readonly RecordedCall[]): string[] {
  const ages = calls.flatMap((call) => {
    const { id } = call.params;
    const made = typeof id === "string" ? receiptCreatedAt({ _id: id }) : undefined;
    return made !== undefined && stateOf(call) === ReceiptState.CREATED && call.method !== "receipts.create"
      ? [call.at - made]
      : [];
  });
  return ages.length === 0 ? [] : [`one was still unpaid after ${Math.round(Math.max(...ages) / 60_000)} min`];
}

function sharedIds(calls: readonly RecordedCall[], merchantCalls: readonly RecordedCall[]): string[] {
  const receipts = new Set(calls.map((call) => at(call.answer, "result", "receipt", "_id")));
  const shared = merchantCalls.filter(({ params }) => typeof params.id === "string" && receipts.has(params.id));
  return shared.map(({ n, method }) => `${n} ${method}: its id is a receipt's _id`);
}

function waits(calls: readonly RecordedCall[]): string[] {
  const last = new Map<unknown, number>();
  return calls.map((call) => {
    const before = last.get(call.params.token);
    last.set(call.params.token, call.at);
    const again = before === undefined ? "" : `, asked again after ${Math.round((call.at - before) / 1000)} s`;
    return `${call.n} wait ${JSON.stringify(at(call.answer, "result", "wait") ?? null)}, code ${call.code ?? "none"}${again}`;
  });
}
