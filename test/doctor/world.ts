import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { onTestFinished } from "vitest";
import { createOutbox, createWorker } from "../../src/entry";
import { createMerchantApi, refuse } from "../../src/entry/merchant";
import { nodeMerchant, nodeWebhook } from "../../src/entry/node";
import { sqliteStorage } from "../../src/entry/sqlite";
import type { Logger } from "../../src/kit/logger";
import { som } from "../../src/kit/money";
import { type DoctorParts, examine } from "../../src/operate/doctor/doctor";
import type { Finding } from "../../src/operate/doctor/finding";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { temporaryFolder } from "../storage/kits";

export const SECRET_KEY = "subscribe-key-of-36-chars-0123456789";
export const MERCHANT_KEY = "merchant-key-of-36-characters-012345";
export const scope = { cashbox: "default", mode: "test" } as const;
export const quiet: Logger = { info() {}, warn() {}, error() {} };

/** Answers a request before the shop does: true where it did. */
export type Front = (request: IncomingMessage, response: ServerResponse) => boolean;

export type World = Awaited<ReturnType<typeof openWorld>>;

/** A shop in which everything is right: its settings, Payme, its endpoint over HTTP, its books on SQLite. */
export async function openWorld() {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  await storage.migrate();
  const mock = createMockPayme({ key: SECRET_KEY });
  const asked: string[] = [];
  const heard: string[] = [];
  const merchant = createMerchantApi({
    storage,
    key: MERCHANT_KEY,
    account: { order_id: "integer" },
    find: ({ order_id }) =>
      order_id < 10 ? { reference: order_id, amount: som(50_000) } : refuse.notFound("order_id"),
    onPaid: () => true,
    onExchange: ({ method }) => void heard.push(method),
    logger: quiet,
  });
  const answerMerchant = nodeMerchant(merchant);
  const answerWebhook = nodeWebhook({ secret: SECRET_KEY, onEvent: () => {}, logger: quiet });
  const front: { answer: Front } = { answer: () => false };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (front.answer(request, response)) return;
    if (request.url === "/webhook") answerWebhook(request, response).catch(() => response.destroy());
    else answerMerchant(request, response).catch(() => response.destroy());
  };
  const server = createServer(listener);
  const origin = await listening(server);
  const close = async () => {
    await storage.close();
    remove();
  };
  onTestFinished(close);
  const parts: DoctorParts & { env: Record<string, string> } = {
    env: {
      PAYME_MERCHANT_ID: mock.merchantId,
      PAYME_SECRET_KEY: SECRET_KEY,
      PAYME_AUTH: "key",
      PAYME_MERCHANT_KEY: MERCHANT_KEY,
      PAYME_CALLBACK_URL: `${origin}/webhook`,
    },
    url: `${origin}/payme`,
    link: "https://test.paycom.uz/bT01ODdmNzJjNzJjYWMwZDE2MmM3MjJhZTI7YWMub3JkZXJfaWQ9MTk3O2E9NTAwMDA=",
    storage,
    merchant,
    worker: createWorker({ merchant, logger: quiet }),
    outbox: createOutbox({ storage, mode: "test", deliver: async () => {} }),
    subscriptions: { overdue: async () => 0 },
    /** Payme, at whatever host it is asked. */
    async fetch(input, init) {
      const request = new Request(input, init);
      const body = await request.clone().text();
      asked.push(`${request.method} ${body === "" ? new URL(request.url).pathname : JSON.parse(body).method}`);
      const answer = await mock.fetch(request);
      return new Response(await answer.text(), { status: answer.status, headers: { date: new Date().toUTCString() } });
    },
  };
  return { parts, storage, file, server, listener, front, asked, heard, mock, origin };
}

export const look = ({ parts }: Pick<World, "parts">): Promise<Finding[]> => examine(parts);

/** What is not right, as `check status`. */
export const told = (findings: readonly Finding[]): string[] =>
  findings.filter(({ status }) => status !== "right").map(({ check, status }) => `${check} ${status}`);

/** Serves over TLS as well, and returns the address. */
export const servedTls = (listener: World["listener"], tls: { key: string; cert: string }): Promise<string> =>
  listening(createTlsServer(tls, listener), "https");

/** Listens on this machine until the test is over. */
export async function listening(server: Server, scheme = "http"): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `${scheme}://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}
