import { randomBytes } from "node:crypto";
import type { Clock } from "../clock";
import { systemClock } from "../clock";
import { PaymeConfigError } from "../errors";
import { MerchantErrorCode } from "../protocol/codes";
import { compareAnswers, type KnownIds, type ReplayDifference } from "./compare-answers";
import { isRecord, type JsonRecord } from "./json";
import { callsOf, type RecordedCall } from "./recorded-call";
import type { Recording } from "./recording";

/** Options of {@link replayToMerchant}. */
export interface ReplayToMerchantOptions {
  /** The endpoint's URL. */
  readonly endpoint?: string | undefined;
  /** Or the endpoint itself, called in process: `(request) => merchant.fetch(request)`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** The cashbox's key at that endpoint. */
  readonly key: string;
  /** Which order there stands for a recorded account. Default: the same. */
  readonly account?: ((recorded: JsonRecord) => JsonRecord) | undefined;
  /** Makes the ids under which transactions are created. Default: 24 random hexadecimal digits. */
  readonly newId?: (() => string) | undefined;
  readonly now?: Clock | undefined;
  /** How long an answer may take. Default 30 seconds. */
  readonly timeoutMs?: number | undefined;
}

/** How an endpoint answers to what Payme was recorded to call. */
export interface MerchantReplay {
  /** How many calls were made again. */
  readonly compared: number;
  readonly differences: readonly ReplayDifference[];
  /** Calls that could not be made again, and why. */
  readonly skipped: readonly { readonly n: number; readonly method: string; readonly why: string }[];
}

const TIMEOUT_MS = 30_000;
const IN_PROCESS = "http://merchant.invalid/";

/**
 * Makes the recorded calls of Payme again, to an endpoint, and says where it answers otherwise than was recorded.
 *
 * Transactions get new ids, and Payme's times are moved to now: an old `time` would be over its 12 hours. A call that was
 * refused for its authorization is made with a wrong key, or with none, as then. Compared are codes, states, shapes and
 * values; of times whether there is one, of the endpoint's own ids whether they stay the same.
 *
 * @throws PaymeConfigError where neither `endpoint` nor `fetch` is given, or the key is empty.
 */
export async function replayToMerchant(
  recording: Recording,
  options: ReplayToMerchantOptions,
): Promise<MerchantReplay> {
  const { endpoint = IN_PROCESS, now = systemClock, newId = randomPaymeId, key } = options;
  if (options.endpoint === undefined && options.fetch === undefined) {
    throw new PaymeConfigError("replayToMerchant: give `endpoint` (a URL) or `fetch` (a function)");
  }
  if (key === "") throw new PaymeConfigError("replayToMerchant: the key is empty");
  const send = options.fetch ?? globalThis.fetch;
  const calls = callsOf(recording, "merchant");
  const shiftMs = now() - (calls[0]?.at ?? 0);
  const sentIds = new Map<string, string>();
  const ids: KnownIds = new Map();
  const differences: ReplayDifference[] = [];
  const skipped: MerchantReplay["skipped"][number][] = [];
  let compared = 0;

  for (const call of calls) {
    const { n, method } = call;
    const why = reasonToSkip(call);
    if (why !== undefined) {
      skipped.push({ n, method, why });
      continue;
    }
    const params = paramsOf(call.params, { shiftMs, idFor, account: options.account ?? ((same) => same) });
    const request = new Request(endpoint, {
      method: "POST",
      headers: headersOf(call, key),
      body: JSON.stringify({ ...call.request, params }),
      redirect: "manual",
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    });
    differences.push(...(await answerTo(call, request, send, ids)).map((each) => ({ n, method, ...each })));
    compared += 1;
  }
  return { compared, differences, skipped };

  function idFor(recorded: string): string {
    const known = sentIds.get(recorded);
    if (known !== undefined) return known;
    const made = newId();
    sentIds.set(recorded, made);
    ids.set(recorded, made);
    return made;
  }
}

type Found = Omit<ReplayDifference, "n" | "method">;

async function answerTo(
  { answer = {}, exchange }: RecordedCall,
  request: Request,
  send: (request: Request) => Promise<Response>,
  ids: KnownIds,
): Promise<Found[]> {
  let status: number;
  let given: unknown;
  try {
    const response = await send(request);
    status = response.status;
    given = JSON.parse(await response.text());
  } catch (error) {
    const what = error instanceof SyntaxError ? "no JSON" : "no answer";
    return [{ kind: "http", path: "", recorded: "an answer", given: what }];
  }
  const statuses: Found = { kind: "http", path: "status", recorded: exchange.response?.status, given: status };
  const found = isRecord(given)
    ? compareAnswers(answer, given, ids)
    : [{ kind: "shape", path: "", recorded: answer, given } as const];
  return [...(statuses.recorded === statuses.given ? [] : [statuses]), ...found];
}

function reasonToSkip({ exchange, answer, method }: RecordedCall): string | undefined {
  if (exchange.outcome !== "answered") return `it was not answered (${exchange.outcome.replace("_", " ")})`;
  if (answer === undefined) return "its answer is no JSON";
  return method === "ChangePassword" ? "the recording hides the new key" : undefined;
}

function paramsOf(
  params: JsonRecord,
  how: { shiftMs: number; idFor: (id: string) => string; account: (recorded: JsonRecord) => JsonRecord },
): JsonRecord {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (name === "id" && typeof value === "string") return [name, how.idFor(value)];
      if (name === "account" && isRecord(value)) return [name, how.account(value)];
      if (["time", "from", "to"].includes(name) && typeof value === "number") return [name, value + how.shiftMs];
      return [name, value];
    }),
  );
}

/** The recorded headers that say something, and the authorization: right, or wrong where it was found wrong. */
function headersOf({ exchange, code }: RecordedCall, key: string): Record<string, string> {
  const { headers } = exchange.request;
  const shown = ["content-type", "test-operation", "referer"].flatMap((name): [string, string][] => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value]];
  });
  if (headers.authorization === undefined) return Object.fromEntries(shown);
  const password = code === MerchantErrorCode.INSUFFICIENT_PRIVILEGES ? "another-key-than-the-cashbox-has" : key;
  const login = headers.authorization.startsWith("Basic Paycom:") ? "Paycom" : "another-login";
  const encoded = Buffer.from(`${login}:${password}`).toString("base64");
  return { ...Object.fromEntries(shown), authorization: `Basic ${encoded}` };
}

function randomPaymeId(): string {
  return randomBytes(12).toString("hex");
}
