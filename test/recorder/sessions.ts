import * as z from "zod";
import { createPaymeClient } from "../../src/entry/client";
import { som } from "../../src/kit/money";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { serve } from "../../src/tools/mock-server/server";
import { parseRecording } from "../../src/tools/recorder/parse-recording";
import type { Recording } from "../../src/tools/recorder/recording";
import { recording } from "./kit";

const answerSchema = z.looseObject({ result: z.unknown().optional(), error: z.looseObject({}).optional() });
type Answer = z.infer<typeof answerSchema>;

export const CARD = { number: "8600495473316478", expire: "0399" };
export const NO_SMS = { number: "8600060921090842", expire: "0399" };

/** What a recorder wrote, read back as a file would be. */
export function asRecording(exchanges: readonly object[]): Recording {
  const header = {
    format: "payme-kit-recording",
    version: 1,
    startedAt: "2026-01-15T10:30:00.000Z",
    target: "http://payme",
  };
  return parseRecording(`${[header, ...exchanges].map((line) => JSON.stringify(line)).join("\n")}\n`);
}

/** A client's day with a Payme that may answer otherwise than our mock: `change` rewrites its answers. */
export async function clientSession(change: (answer: Answer, method: string) => unknown = (same) => same) {
  const mock = createMockPayme({ seed: 7 });
  const payme = await serve(async (request) => {
    const { method } = JSON.parse(await request.clone().text());
    const response = await mock.fetch(request);
    return Response.json(change(answerSchema.parse(await response.json()), method));
  });
  const proxy = await recording(payme.url);
  const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, apiUrl: proxy.url });
  const { receipts, cards } = client;
  const ignore = () => {};

  const { token } = await cards.create({ ...CARD, save: true });
  await cards.getVerifyCode(token);
  await cards.verify({ token, code: "123456" }).catch(ignore);
  await cards.verify({ token, code: "666666" });
  const failing = await cards.create({ ...NO_SMS, save: true });
  await cards.getVerifyCode(failing.token).catch(ignore);
  const receipt = await receipts.create({ amount: som(5), account: { order_id: 197 }, description: "Тест" });
  await receipts.pay({ id: receipt._id, token });
  await receipts.pay({ id: receipt._id, token }).catch(ignore);
  await receipts.cancel(receipt._id).catch(ignore);
  await receipts.check(receipt._id);
  const onPage = await receipts.create({ amount: som(7), account: { order_id: 198 } });
  await receipts.check(onPage._id);
  await mock.pay(onPage._id, { card: CARD });
  await receipts.check(onPage._id);
  await receipts.get(onPage._id);
  await receipts.check("65a0c1d2e3f4a5b6c7d8e9f0").catch(ignore);
  await createPaymeClient({ merchantId: mock.merchantId, key: "wrong", apiUrl: proxy.url })
    .receipts.check(receipt._id)
    .catch(ignore);
  await proxy.close();
  await payme.close();
  return { recording: asRecording(proxy.exchanges), receipt, onPage, token };
}

/** Payme's calls to an endpoint, as the mock makes them in the sandbox's manner. */
export async function merchantSession(
  fetch: (request: Request) => Promise<Response>,
  key: string,
  options: MockPaymeOptions = {},
) {
  const endpoint = await serve(fetch);
  const proxy = await recording(endpoint.url);
  const mock = createMockPayme({ sleep: async () => {}, ...options });
  const caller = mock.merchant({ endpoint: proxy.url, key, sandbox: true });
  const account = { order_id: "1" };
  await caller.check({ account, amount: 1 });
  await caller.check({ account: { order_id: "9999" }, amount: 5_000_000 });
  await caller.pay({ account, amount: 5_000_000 });
  const [paid] = caller.transactions();
  await caller.checkTransaction(paid?.id ?? "");
  await caller.cancel(paid?.id ?? "", { reason: 5 });
  const begun = await caller.begin({ account: { order_id: "2" }, amount: 5_000_000 });
  if (begun.outcome === "begun") await caller.cancel(begun.transaction.id);
  await caller.checkTransaction("65a0c1d2e3f4a5b6c7d8e9f0");
  await caller.statement();
  await mock
    .merchant({ endpoint: proxy.url, key: "another", sandbox: true, repeatAfterMs: [] })
    .check({ account, amount: 5_000_000 });
  await proxy.close();
  await endpoint.close();
  return asRecording(proxy.exchanges);
}
