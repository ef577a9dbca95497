import { type CardInput, TEST_CARDS } from "../mock/cards";
import { createMockPayme, type MockPayme } from "../mock/mock-payme";
import { maskCardNumber } from "../protocol/card";
import { SubscribeErrorCode } from "../protocol/codes";
import { ReceiptState } from "../protocol/states";
import { compareAnswers, type KnownIds, type ReplayDifference } from "./compare-answers";
import { at, isRecord, mapLeaves } from "./json";
import { callsOf, type RecordedCall } from "./recorded-call";
import type { Recording } from "./recording";

/** How the mock answers to what was recorded. */
export interface MockComparison {
  /** How many calls were made again. */
  readonly compared: number;
  readonly differences: readonly ReplayDifference[];
  /** Calls that could not be made again, and why. */
  readonly skipped: readonly { readonly n: number; readonly method: string; readonly why: string }[];
  /** What must have happened beside the recording, and was done in the mock: a payer on Payme's page, a queue's end. */
  readonly assumed: readonly { readonly n: number; readonly what: string }[];
}

const MERCHANT_ID = "65a0b0000000000000000001";
const KEY = "mock-key-of-36-characters-0123456789";
const SMS_CODE = "666666";
const PAYING_CARD: CardInput = { number: "8600495473316478", expire: "0399" };
/** Long enough for a refund to come through its queue. */
const QUEUE_MS = 60_000;
/** Well-formed, and of no card. */
const UNKNOWN_TOKEN = `${"0".repeat(24)}_${"0".repeat(40)}`;

/**
 * Makes the recorded calls of a client again, to a mock whose clock shows the recorded times, and says where it answers
 * otherwise than Payme did: what the mock has wrong, or what depends on the cashbox.
 *
 * Cards that the mock does not know, and receipts and tokens of an earlier time, cannot be made again: such calls are skipped.
 */
export async function compareWithMock(recording: Recording): Promise<MockComparison> {
  let time = 0;
  const mock = createMockPayme({
    merchantId: MERCHANT_ID,
    key: KEY,
    now: () => time,
    sleep: async (ms) => {
      time += ms;
    },
  });
  const ids: KnownIds = new Map();
  const differences: ReplayDifference[] = [];
  const skipped: MockComparison["skipped"][number][] = [];
  const assumed: MockComparison["assumed"][number][] = [];
  let compared = 0;
  for (const call of callsOf(recording, "subscribe")) {
    time = Math.max(time, call.at);
    const why = reasonToSkip(call, ids);
    if (why !== undefined) {
      skipped.push({ n: call.n, method: call.method, why });
      continue;
    }
    const happened = await catchUp(call, mock, ids, (ms) => {
      time += ms;
    });
    assumed.push(...happened.map((what) => ({ n: call.n, what })));
    differences.push(...(await compareCall(call, mock, ids)));
    compared += 1;
  }
  return { compared, differences, skipped, assumed };
}

async function compareCall(call: RecordedCall, mock: MockPayme, ids: KnownIds): Promise<ReplayDifference[]> {
  const body = JSON.stringify({ ...call.request, params: asSent(call, ids) });
  const xAuth = xAuthOf(call);
  const headers = xAuth === undefined ? {} : { "X-Auth": xAuth };
  const response = await mock.fetch("https://mock.invalid/api", { method: "POST", body, headers });
  const given: unknown = await response.json();
  const { n, method, answer = {}, exchange } = call;
  const found = isRecord(given) ? compareAnswers(answer, given, ids) : [];
  const idOf = (value: unknown) =>
    at(value, "id") === undefined ? "absent" : at(value, "id") === null ? "null" : "there";
  const envelope = [
    { kind: "http", path: "status", recorded: exchange.response?.status, given: response.status },
    {
      kind: "http",
      path: "content-type",
      recorded: mediaType(exchange.response?.headers["content-type"]),
      given: mediaType(response.headers.get("content-type")),
    },
    { kind: "shape", path: "id", recorded: idOf(answer), given: idOf(given) },
  ] as const;
  return [...envelope.filter((each) => each.recorded !== each.given), ...found].map((each) => ({ n, method, ...each }));
}

function mediaType(header: string | null | undefined): string {
  return (header ?? "none").split(";")[0]?.trim().toLowerCase() ?? "none";
}

/** Who made the call: as then, and wrong where Payme found it wrong. */
function xAuthOf({ exchange, code, answer }: RecordedCall): string | undefined {
  const scheme = exchange.request.headers["x-auth"];
  if (scheme === undefined) return undefined;
  const isDenied = code === SubscribeErrorCode.ACCESS_DENIED;
  const id = isDenied && at(answer, "error", "data") === "invalid_id" ? "0".repeat(24) : MERCHANT_ID;
  if (scheme === "<id>") return id;
  return `${id}:${isDenied ? "another-key" : KEY}`;
}

/** The parameters with what stands for ids, tokens, cards and codes in the mock. */
function asSent(call: RecordedCall, ids: KnownIds): unknown {
  const { code, params } = call;
  return mapLeaves(params, (leaf, name) => {
    const known = ids.get(leaf);
    if (known !== undefined) return known;
    if (name === "token") return code === SubscribeErrorCode.INVALID_TOKEN_FORMAT ? "no token" : UNKNOWN_TOKEN;
    if (name === "code") return code === SubscribeErrorCode.OTP_WRONG ? "000000" : SMS_CODE;
    if (name === "number" && typeof leaf === "string") return cardOf(leaf)?.number ?? leaf;
    // Masked telephones: any that looks the same.
    return name === "phone" && typeof leaf === "string" ? leaf.replaceAll("*", "0") : leaf;
  });
}

function cardOf(masked: string) {
  return TEST_CARDS.find(({ number }) => maskCardNumber(number) === masked);
}

function reasonToSkip(call: RecordedCall, ids: KnownIds): string | undefined {
  const { answer, code, params, exchange, method } = call;
  if (exchange.outcome !== "answered") return `it was not answered (${exchange.outcome.replace("_", " ")})`;
  if (answer === undefined) return "its answer is no JSON";
  const number = at(params, "card", "number");
  if (typeof number === "string" && code === undefined && cardOf(number) === undefined) {
    return `the mock has no card ${number}`;
  }
  // What was refused may be refused again, whoever made it.
  if (code !== undefined) return undefined;
  const { id, token } = params;
  if (token !== undefined && !ids.has(token)) return "its token was made before the recording began";
  if (id !== undefined && method.startsWith("receipts.") && !ids.has(id))
    return "its receipt was made before the recording began";
  return undefined;
}

/** Does what a payer or a queue did meanwhile, as the recorded answer tells. */
async function catchUp(
  call: RecordedCall,
  mock: MockPayme,
  ids: KnownIds,
  pass: (ms: number) => void,
): Promise<string[]> {
  const state = at(call.answer, "result", "state") ?? at(call.answer, "result", "receipt", "state");
  const id = ids.get(call.params.id);
  if (!/^receipts\.(check|get)$/.test(call.method) || typeof id !== "string") return [];
  const ours = mock.receipt(id)?.state;
  const { CREATED, PAID, CANCEL_QUEUED, CANCELLED } = ReceiptState;
  if (state === PAID && ours === CREATED) {
    await mock.pay(id, { card: PAYING_CARD });
    return ["the receipt was paid, by no call of this recording"];
  }
  if (state === CANCELLED && ours === CANCEL_QUEUED) {
    pass(QUEUE_MS);
    return ["the refund came through its queue sooner than in the mock"];
  }
  if ((state === CANCEL_QUEUED || state === CANCELLED) && (ours === CREATED || ours === PAID)) {
    await mock.cancel(id);
    if (state === CANCELLED) pass(QUEUE_MS);
    return ["the receipt was cancelled, by no call of this recording"];
  }
  return [];
}
