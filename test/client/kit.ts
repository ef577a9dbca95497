import { afterEach } from "vitest";
import { createPaymeClient, type PaymeClient, type PaymeClientOptions } from "../../src/client/payme-client";
import type { PaymeError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import { type Script, type ScriptedServer, startServer } from "./scripted-server";

/** The cashbox of these tests. */
export const merchantId = "65a0b0000000000000000001";
export const key = "TestKey?1&2@3#planted";

/** A receipt's id as Payme makes them. */
export const receiptId = "65a0c1d2e3f4a5b6c7d8e9f0";

/** The least that a receipt is. */
export const bareReceipt = { _id: receiptId, state: 0, amount: 1_250_000 };

/** Arguments of a create that is right. */
export const createArguments = { amount: som(12_500), account: { order_id: 4417 } };

/** A write and a read, for rules about each. */
export const write = (client: PaymeClient) => client.receipts.create(createArguments);
export const read = (client: PaymeClient) => client.receipts.check(receiptId);

const open: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A server that does what the script says, and a client that calls it without pauses. */
export async function connect(
  script: Script,
  options: Partial<PaymeClientOptions> = {},
): Promise<{ client: PaymeClient; server: ScriptedServer }> {
  const server = await startServer(script);
  open.push(server);
  return { server, client: clientAt(server.url, options) };
}

/** A client for an address, without pauses between repeats. */
export function clientAt(apiUrl: string, options: Partial<PaymeClientOptions> = {}): PaymeClient {
  return createPaymeClient({ merchantId, key, apiUrl, sleep: async () => {}, ...options });
}

/** The error that a promise rejects with; a promise that fulfils is a failed test. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const value = await promise.then(
    (fulfilled) => ({ fulfilled }),
    (error: unknown) => ({ error }),
  );
  if ("error" in value) return value.error;
  throw new Error(`expected a rejection, got ${JSON.stringify(value.fulfilled)}`);
}

/** As {@link failureOf}, for a failure that must be of one class of ours. */
export async function failureOfType<E extends PaymeError>(
  type: abstract new (...args: never[]) => E,
  promise: Promise<unknown>,
): Promise<E> {
  const error = await failureOf(promise);
  if (error instanceof type) return error;
  throw new Error(`expected ${type.name}, got ${String(error)}`, { cause: error });
}
