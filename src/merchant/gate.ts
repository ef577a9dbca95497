import { bytesOf } from "../kit/bytes";
import { headerIn } from "../kit/headers";
import { isRecord } from "../kit/json";
import { MerchantErrorCode } from "../protocol/codes";
import type { Mode } from "../protocol/hosts";
import { type AddressRange, isAllowedAddress } from "./addresses";
import type { Keys } from "./keys";
import { type Refusal, refusalOf } from "./refusal";

/** A request of any framework. */
export interface MerchantRequest {
  method: string;
  /** Header names in any case. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Text, bytes, or the value of a body parser. */
  body: unknown;
  /** True where the edge did not read a body of more than `limitBytes`. */
  isTooLarge?: boolean | undefined;
  /** True where something before the edge has read the body and kept nothing of it. */
  isBodyLost?: boolean | undefined;
  /** The caller's address from a source that you trust; needed with `allowFrom` only. */
  address?: string | undefined;
}

/** Options of {@link letIn}. */
export interface GateOptions {
  readonly keys: Pick<Keys, "modeOf">;
  readonly allowFrom: readonly AddressRange[] | undefined;
  readonly limitBytes: number;
}

/** An admitted call, or a refusal; with the request's id as the answer echoes it. */
export type GateResult =
  | { readonly idText: string; readonly mode: Mode; readonly method: string; readonly params: Record<string, unknown> }
  | { readonly idText: string; readonly refusal: Refusal };

const NULL_ID = "null";

/** Checks in this order: POST, address, key, JSON, envelope. A caller without the key learns nothing of the rest. */
export function letIn(request: MerchantRequest, options: GateOptions): GateResult {
  const refused = (code: MerchantErrorCode, idText: string = NULL_ID, data?: string): GateResult => ({
    idText,
    refusal: refusalOf(code, data),
  });
  if (request.method.toUpperCase() !== "POST") return refused(MerchantErrorCode.NOT_POST);
  if (options.allowFrom !== undefined && !isAllowedAddress(options.allowFrom, request.address)) {
    return refused(MerchantErrorCode.INSUFFICIENT_PRIVILEGES);
  }
  const mode = options.keys.modeOf(headerOf(request.headers, "authorization"));
  const isUnread =
    request.isBodyLost === true || request.isTooLarge === true || isTooLarge(request.body, options.limitBytes);
  const { value, idText } = isUnread ? UNREAD : parseBody(request.body);
  if (mode === undefined) return refused(MerchantErrorCode.INSUFFICIENT_PRIVILEGES, idText);
  if (request.isBodyLost === true) return refused(MerchantErrorCode.SYSTEM_ERROR);
  if (isUnread) return refused(MerchantErrorCode.INVALID_REQUEST);
  if (value === undefined) return refused(MerchantErrorCode.PARSE_ERROR);
  if (!isRecord(value)) return refused(MerchantErrorCode.INVALID_REQUEST);
  const { method, params } = value;
  if (typeof method !== "string" || method === "") return refused(MerchantErrorCode.INVALID_REQUEST, idText, "method");
  if (!isRecord(params) || isDeeperThan(DEEPEST, params))
    return refused(MerchantErrorCode.INVALID_REQUEST, idText, "params");
  if (idText === undefined) return refused(MerchantErrorCode.INVALID_REQUEST, NULL_ID, "id");
  return { idText, mode, method, params };
}

/** Returns a header by its name in small letters; undefined where it is there twice. */
export function headerOf(headers: MerchantRequest["headers"], name: string): string | undefined {
  const value = headerIn(headers, name);
  return typeof value === "string" ? value : value?.length === 1 ? value[0] : undefined;
}

/** Payme nests three levels. Thousands of them could be read, and neither stored nor printed. */
const DEEPEST = 64;

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}

function isTooLarge(body: unknown, limitBytes: number): boolean {
  const length = typeof body === "string" ? Buffer.byteLength(body) : bytesOf(body)?.byteLength;
  return length !== undefined && length > limitBytes;
}

/** The JSON of the body (undefined: none), and its `id` as it was written (undefined: of a wrong type). */
function parseBody(body: unknown): { value: unknown; idText: string | undefined } {
  const bytes = bytesOf(body);
  const text = bytes === undefined ? withoutMark(body) : decode(bytes);
  // A body that is not text was parsed before.
  if (typeof text !== "string") return { value: text, idText: isRecord(text) ? idTextOf(text.id, "") : NULL_ID };
  try {
    const value: unknown = JSON.parse(text);
    return { value, idText: isRecord(value) ? idTextOf(value.id, text) : NULL_ID };
  } catch {
    return { value: undefined, idText: NULL_ID };
  }
}

const UNREAD = { value: undefined, idText: NULL_ID };

/** Text that an editor or a gateway marked as UTF-8. Of bytes the decoder takes the mark away. */
function withoutMark(body: unknown): unknown {
  return typeof body === "string" && body.startsWith("\uFEFF") ? body.slice(1) : body;
}

const utf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Returns a request's `id` as JSON text, to echo it as it came; undefined for an object, a list, a boolean.
 *
 * @param text the request's JSON: it has the digits of a number that JavaScript cannot hold.
 */
function idTextOf(id: unknown, text: string): string | undefined {
  if (id === undefined || id === null) return NULL_ID;
  if (typeof id === "string") return JSON.stringify(id);
  if (typeof id !== "number") return undefined;
  if (Number.isSafeInteger(id)) return String(id);
  // After a body parser there is no text; and Infinity is not JSON.
  return writtenNumber("id", text) ?? (Number.isFinite(id) ? String(id) : NULL_ID);
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:]/g;

/** The digits of a top-level number in valid JSON; of two members with one name, the last one counts. */
function writtenNumber(member: string, text: string): string | undefined {
  let depth = 0;
  let written: string | undefined;
  let [key, colon] = ["", ""];
  for (const [token] of text.matchAll(TOKEN)) {
    if (depth === 1 && colon === ":" && /^[-\d]/.test(token) && JSON.parse(key) === member) written = token;
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (token !== ":") key = token.startsWith('"') ? token : '""';
    colon = token;
  }
  return written;
}
