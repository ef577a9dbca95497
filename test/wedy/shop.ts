import { createPaymeClient, createPayments, memoryStorage, type PaymeEvent, type Storage, som } from "payme-kit";
import type { Subscriptions } from "payme-kit/subscriptions";
import { createTariffs, type TariffStore, type Tariffs } from "payme-kit/tariffs";
import { createMockPayme, signTestWebhook } from "payme-kit/testing";
import { onTestFinished } from "vitest";
import { type AppOptions, createApp } from "../../examples/express-wedy/src/app";
import { jwtAuthenticate } from "../../examples/express-wedy/src/authenticate";
import { listen } from "../../examples/express-wedy/src/listen";
import { openLogs } from "../../examples/express-wedy/src/logging";
import { openSubscriptions } from "../../examples/express-wedy/src/open-subscriptions";
import { createTariffSubscriptions } from "../../examples/express-wedy/src/subscriptions";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { createUsers } from "../../examples/express-wedy/src/users";

export const JWT_SECRET = "a-secret-for-the-tests-of-the-wedy-server-0123456789";
export const UZCARD = { number: "8600123456789012", expire: "03/99", cvv: "123" };

/** An answer, its body read: JSON where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests look into answers of every shape.
  readonly body: Readonly<Record<string, unknown>>;
}

export type Mock = ReturnType<typeof createMockPayme>;

/** A Wedy server over real HTTP on this machine, with Payme played by the mock. */
export interface Shop {
  readonly url: string;
  readonly mock: Mock;
  readonly tariffs: Tariffs;
  /** With `sealKeys` only. */
  readonly subs: Subscriptions | undefined;
  readonly userToken: string;
  readonly adminToken: string;
  /** The log, a line each. */
  readonly lines: readonly string[];
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Sends a notification that is rightly signed. */
  notify(body: string | object): Promise<Answer>;
  /** Buys a tariff as the user; gives the receipt's id. */
  buy(tariffId: number, options?: RequestOptions): Promise<string>;
}

/** What a request carries beside its method and path. */
export interface RequestOptions {
  /** Default: the user's; `null` for none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: RequestInit["body"];
}

/** What a shop can be given in place of the usual. */
export interface ShopOptions extends Partial<Omit<AppOptions, "tariffs" | "users" | "merchant">> {
  /** Makes the endpoint that Payme calls. */
  readonly merchantOf?: (tariffs: Tariffs) => AppOptions["merchant"];
  readonly storage?: Storage<unknown>;
  /** Tables with tariffs in them: then none are made. */
  readonly store?: TariffStore<unknown>;
  readonly mock?: Mock;
  readonly now?: () => number;
  /** Seals saved cards; without one the shop has no subscriptions. */
  readonly sealKeys?: readonly string[];
  /** The cashbox's key. */
  readonly key?: string;
  readonly fetch?: (mock: Mock) => typeof globalThis.fetch;
  readonly onEvent?: (event: PaymeEvent) => void;
}

let newBooks: () => Promise<Storage<unknown>> = async () => memoryStorage();

/** Where shops of this test file keep their books that are told nothing else. Default: in memory. */
export function keepBooks(open: () => Promise<Storage<unknown>>): void {
  newBooks = open;
}

/** Opens a shop that sells three tariffs: 1 (10,000 som, 7 days), 2 (50,000, 30 days), 3 (150,000, 90 days). */
export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const { storage = await newBooks(), store, now, key, fetch, merchantOf, onEvent, sealKeys = [], ...others } = options;
  const { mock = createMockPayme({ key }), ...appOptions } = others;
  const lines: string[] = [];
  const out = { write: (line: string) => void lines.push(...line.trimEnd().split("\n")) };
  const logs = openLogs({ level: "info", secrets: [mock.key, JWT_SECRET, ...sealKeys], out });
  const client = createPaymeClient({
    merchantId: mock.merchantId,
    key: mock.key,
    auth: "signature",
    mode: "test",
    fetch: fetch?.(mock) ?? mock.fetch,
    retries: 0,
    timeoutMs: 2_000,
    onExchange: logs.exchange,
    logger: logs.payme,
    onEvent,
  });
  const tariffs = createTariffs({
    payments: createPayments({ storage, client, logger: logs.payme, now, onEvent }),
    store,
  });
  const subs = openSubscriptions(tariffs, { sealKeys, flow: "receipts" });
  await tariffs.migrate();
  await subs?.migrate();
  const made = store === undefined ? TARIFFS : [];
  for (const [name, price, durationDays] of made) await tariffs.create({ name, price: som(price), durationDays });
  const app = createApp({
    tariffs,
    merchant: merchantOf?.(tariffs),
    users: createUsers(tariffs),
    authenticate: jwtAuthenticate([JWT_SECRET]),
    webhookSecrets: [mock.key],
    logs,
    subscriptions: subs && createTariffSubscriptions(subs, tariffs),
    ...appOptions,
  });
  const server = await listen(app, 0, "127.0.0.1");
  onTestFinished(async () => {
    await server.close();
    await storage.close();
  });
  const url = `http://127.0.0.1:${server.port}`;
  const userToken = await signToken({ id: "user123", role: "user" }, JWT_SECRET, 600);
  const adminToken = await signToken({ id: "admin", role: "admin" }, JWT_SECRET, 600);

  async function request(
    method: string,
    path: string,
    { token = userToken, headers, json, body }: RequestOptions = {},
  ) {
    const sent = new Headers(headers);
    if (token !== null) sent.set("Authorization", `Bearer ${token}`);
    if (json !== undefined) sent.set("Content-Type", "application/json");
    const payload = json === undefined ? body : JSON.stringify(json);
    return answerOf(
      await globalThis.fetch(url + path, { method, headers: sent, body: payload ?? null, redirect: "manual" }),
    );
  }

  return {
    url,
    mock,
    tariffs,
    subs,
    userToken,
    adminToken,
    lines,
    request,
    async notify(notification) {
      const { body, headers } = signTestWebhook({ secret: mock.key, body: notification });
      return request("POST", "/payme/webhook", { token: null, headers, body });
    },
    async buy(tariffId, requestOptions) {
      const { status, text, body } = await request("POST", `/tariffs/${tariffId}/purchase`, requestOptions);
      if (status !== 200) throw new Error(`purchase answered ${status}: ${text}`);
      return String(body.transaction_id);
    },
  };
}

const TARIFFS = [
  ["Start", 10_000, 7],
  ["Premium Plan", 50_000, 30],
  ["Business", 150_000, 90],
] as const;

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("application/json") ?? false;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
}

/** The notification that a receipt was paid, as the guide prints it. */
export function paid(id: string, amount: number, more: object = {}) {
  return { method: "receipts.pay", params: { id, cheque_id: `cheque-${id}`, amount, paid_at: 1_700_000_000, ...more } };
}

/** The notification that a receipt was cancelled. */
export function cancelled(id: string) {
  return { method: "receipts.cancel", params: { id } };
}

/** What the table "Answers to what is wrong" says an answer looks like. */
export function refusal(status: number, errorCode: string) {
  return { status, body: { success: false, data: { error_code: errorCode } } };
}
