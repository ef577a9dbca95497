import * as z from "zod";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import type { MockReceipt } from "../../src/testing/mock/mock-receipt";
import { createMockPayme, type MockPayme } from "../../src/tools/mock-server/mock-payme";

/** When a bench's clock starts. */
export const START = Date.UTC(2026, 0, 15, 10, 30);

/** One of Payme's own test cards that pay; as a payer types it, and as the API takes it. */
export const CARD = { number: "8600 4954 7331 6478", expire: "03/99" };
export const API_CARD = { number: "8600495473316478", expire: "0399" };
/** The guide's first card. */
export const UZCARD = { number: "8600 1234 5678 9012", expire: "12/30", cvv: "123" };

/** What a call may bring beside its parameters. */
export interface CallOptions {
  /** The JSON-RPC id; left out where it is not given. */
  id?: unknown;
  /** The X-Auth header; null: none. Default: the cashbox's id and key. */
  xAuth?: string | null | undefined;
}

/** The part of a mock that answers calls. */
type MockApi = Pick<MockPayme, "merchantId" | "key" | "fetch">;

const answerSchema = z.record(z.string(), z.unknown());
const tokenSchema = z.object({ result: z.object({ card: z.object({ token: z.string() }) }) });

/** A mock on a clock that stands still until a test moves it or code waits. */
export function openMock(options: MockPaymeOptions = {}) {
  let time = START;
  const slept: number[] = [];
  const mock = createMockPayme({
    now: () => time,
    sleep: async (ms) => {
      slept.push(ms);
      time += ms;
    },
    ...options,
  });
  return {
    mock,
    slept,
    now: () => time,
    pass: (ms: number) => {
      time += ms;
    },
    call: (method: string, params: object = {}, more: CallOptions = {}) => call(mock, method, params, more),
  };
}

/** The HTTP request of a call. */
export function apiRequest(mock: MockApi, body: string, xAuth: string | null = `${mock.merchantId}:${mock.key}`) {
  return new Request("https://checkout.test.paycom.uz/api", {
    method: "POST",
    body,
    headers: xAuth === null ? {} : { "X-Auth": xAuth },
  });
}

/** Calls a method and gives the envelope of the answer, which is HTTP 200 whatever it says. */
export async function call(mock: MockApi, method: string, params: object, { xAuth, ...envelope }: CallOptions = {}) {
  const response = await mock.fetch(apiRequest(mock, JSON.stringify({ ...envelope, method, params }), xAuth));
  if (response.status !== 200) throw new Error(`${method} was answered with HTTP ${response.status}`);
  return answerSchema.parse(await response.json());
}

/** Makes a receipt through the API, as the mock keeps it. */
export async function createReceipt(mock: MockPayme, params: object = {}): Promise<MockReceipt> {
  await call(mock, "receipts.create", { amount: 1_250_000, account: { order_id: 4417 }, ...params });
  const made = mock.receipts().at(-1);
  if (made === undefined) throw new Error("receipts.create made no receipt");
  return made;
}

/** A token of a card, verified by SMS. */
export async function verifiedToken(mock: MockApi, { card = API_CARD, save = true } = {}): Promise<string> {
  const made = tokenSchema.parse(await call(mock, "cards.create", { card, save }));
  const { token } = made.result.card;
  await call(mock, "cards.verify", { token, code: "666666" });
  return token;
}
