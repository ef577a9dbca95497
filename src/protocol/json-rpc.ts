import type { LocalizedText } from "./states";

/** A JSON-RPC request as Payme's APIs take it. `jsonrpc` and `id` are optional on this wire. */
export interface RpcRequest {
  jsonrpc?: "2.0" | undefined;
  id?: number | string | null | undefined;
  method: string;
  params: Record<string, unknown>;
}

/** An error as Payme sends it. `message` is text or an object of texts; `data` may be anything. */
export interface RpcErrorObject {
  code: number;
  message?: string | Partial<LocalizedText> | undefined;
  data?: unknown;
}

/** An answer as Payme sends it: `result` or `error`; `id` may be absent, null or another one (the docs' own samples do so). */
export interface RpcResponse {
  jsonrpc?: string | undefined;
  id?: number | string | null | undefined;
  result?: unknown;
  error?: RpcErrorObject | undefined;
}

/** The text of a message that may be a string or an object of languages; the preferred language first. */
export function messageText(
  message: string | Partial<LocalizedText> | null | undefined,
  language: keyof LocalizedText = "en",
): string {
  if (typeof message === "string") return message;
  return message?.[language] ?? message?.en ?? message?.ru ?? message?.uz ?? "";
}
