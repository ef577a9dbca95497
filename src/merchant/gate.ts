import { MerchantErrorCode } from "../protocol/codes";
import type { Mode } from "../protocol/hosts";
import { type AddressRange, isAllowedAddress } from "./addresses";
import { idTextOf } from "./id-text";
import type { Keys } from "./keys";
import { isRecord } from "./params";
import { type Refusal, refusalOf } from "./refusal";

/** A request as any framework has it. */
export interface MerchantRequest {
  method: string;
  /** Names in any case. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Text, bytes, or what a body parser made of it. */
  body: unknown;
  /** Set by an edge that did not read a body of more than `limitBytes`. */
  isTooLarge?: boolean | undefined;
  /** Set by an edge that came too late: somebody has read the body and kept nothing of it. */
  isBodyLost?: boolean | undefined;
  /** The caller's address, as far as you trust who told it; needed with `allowFrom` only. */
  address?: string | undefined;
}

/** What the gate compares with. */
export interface GateOptions {
  readonly keys: Pick<Keys, "modeOf">;
  readonly allowFrom: readonly AddressRange[] | undefined;
  readonly limitBytes: number;
}

/** A call that was let in, or why not; with the request's id as it is to be echoed. */
export type GateResult =
  | { readonly idText: string; readonly mode: Mode; readonly method: string; readonly params: Record<string, unknown> }
  | { readonly idText: string; readonly refusal: Refusal };

const NULL_ID = "null";

/** POST? Payme's address? The key? JSON? The envelope? In this order: who has no key learns nothing of the rest. */
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
  if (request.isTooLarge === true || isTooLarge(request.body, options.limitBytes))
    return refused(MerchantErrorCode.INVALID_REQUEST);
  if (request.isBodyLost === true)
    return refused(mode === undefined ? MerchantErrorCode.INSUFFICIENT_PRIVILEGES : MerchantErrorCode.SYSTEM_ERROR);
  const { value, idText } = parseBody(request.body);
  if (mode === undefined) return refused(MerchantErrorCode.INSUFFICIENT_PRIVILEGES, idText);
  if (value === undefined) return refused(MerchantErrorCode.PARSE_ERROR);
  if (!isRecord(value)) return refused(MerchantErrorCode.INVALID_REQUEST);
  const { method, params } = value;
  if (typeof method !== "string" || method === "") return refused(MerchantErrorCode.INVALID_REQUEST, idText, "method");
  if (!isRecord(params)) return refused(MerchantErrorCode.INVALID_REQUEST, idText, "params");
  if (idText === undefined) return refused(MerchantErrorCode.INVALID_REQUEST, NULL_ID, "id");
  return { idText, mode, method, params };
}

function headerOf(headers: MerchantRequest["headers"], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === "string" ? value : value?.length === 1 ? value[0] : undefined;
}

function isTooLarge(body: unknown, limitBytes: number): boolean {
  if (body instanceof Uint8Array) return body.byteLength > limitBytes;
  return typeof body === "string" && Buffer.byteLength(body) > limitBytes;
}

/** The body's JSON (undefined: none), and its `id` in the very text in which it came (undefined: of a wrong type). */
function parseBody(body: unknown): { value: unknown; idText: string | undefined } {
  const text = body instanceof Uint8Array ? decode(body) : body;
  // What is no text was parsed before.
  if (typeof text !== "string") return { value: text, idText: isRecord(text) ? idTextOf(text.id, "") : NULL_ID };
  try {
    const value: unknown = JSON.parse(text);
    return { value, idText: isRecord(value) ? idTextOf(value.id, text) : NULL_ID };
  } catch {
    return { value: undefined, idText: NULL_ID };
  }
}

const utf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
