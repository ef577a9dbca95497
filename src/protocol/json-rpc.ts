import type { LocalizedText } from "./states";

/** A JSON-RPC request as Payme's APIs take it. `jsonrpc` and `id` are optional. */
export interface RpcRequest {
  jsonrpc?: "2.0" | undefined;
  id?: number | string | null | undefined;
  method: string;
  params: Record<string, unknown>;
}

/** An error as Payme sends it. `message` is a text, or an object of texts. */
export interface RpcErrorObject {
  code: number;
  message?: string | Partial<LocalizedText> | undefined;
  data?: unknown;
}

/** An answer as Payme sends it: `result` or `error`. In the docs' own samples `id` is also absent, null or another one. */
export interface RpcResponse {
  jsonrpc?: string | undefined;
  id?: number | string | null | undefined;
  result?: unknown;
  error?: RpcErrorObject | undefined;
}

/** Returns the text of a message, in the preferred language where it has several. */
export function messageText(
  message: string | Partial<LocalizedText> | null | undefined,
  language: keyof LocalizedText = "en",
): string {
  if (typeof message === "string") return message;
  return message?.[language] ?? message?.en ?? message?.ru ?? message?.uz ?? "";
}
