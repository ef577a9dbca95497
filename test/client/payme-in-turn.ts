import type { PaymeClient, PaymeClientOptions } from "../../src/client/payme-client";
import { bareReceipt, connect } from "./kit";
import type { Script } from "./scripted-server";

/** What one call gets: an answer of JSON-RPC, or the line cut once the request has been read. */
export type Reply = { result: unknown } | { error: { code?: number; message?: unknown; data?: unknown } } | "cut";

/** The replies to each method, in turn; the last one stays. A method that is not there fails the test. */
export type Replies = Readonly<Record<string, readonly Reply[]>>;

/** A receipt in a state, as create, pay, get and cancel answer it. */
export const receipt = (state: number, more: object = {}): Reply => ({
  result: { receipt: { ...bareReceipt, state, ...more } },
});

/** What receipts.check answers. */
export const state = (value: number): Reply => ({ result: { state: value } });

/** A refusal. */
export const refusal = (code: number, message: unknown = "нет"): Reply => ({ error: { code, message } });

/** A Payme that answers as the test says, and a client whose waits move its own clock only. */
export async function paymeInTurn(
  replies: Replies,
  options: Partial<PaymeClientOptions> = {},
): Promise<{ client: PaymeClient; calls: string[]; paramsOf(method: string): unknown[]; waits: number[] }> {
  const calls: string[] = [];
  const params: [string, unknown][] = [];
  const waits: number[] = [];
  let now = 1_705_034_000_000;
  const script: Script = (response, request, socket) => {
    const { method, params: sent } = JSON.parse(request.body);
    const turn = calls.filter((each) => each === method).length;
    calls.push(method);
    params.push([method, sent]);
    const known = replies[method] ?? [];
    const reply = known[turn] ?? known.at(-1);
    if (reply === undefined) response.writeHead(500).end(`the test has no answer to ${method}`);
    else if (reply === "cut") socket.resetAndDestroy();
    else response.end(JSON.stringify({ jsonrpc: "2.0", id: null, ...reply }));
  };
  const { client } = await connect(script, {
    retries: 0,
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      waits.push(ms);
      now += ms;
    },
    ...options,
  });
  return {
    client,
    calls,
    waits,
    paramsOf: (name) => params.flatMap(([method, sent]) => (method === name ? [sent] : [])),
  };
}
