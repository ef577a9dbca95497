import { createMerchantApi, memoryStorage } from "payme-kit";
import { createMetrics } from "payme-kit/prometheus";
import { expect, it, vi } from "vitest";
import { type Answer, openShop, paid, refusal } from "./shop";

const KEY = "a-merchant-key-of-36-characters-0123";
const BASIC = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;
const CHECK = { id: 1, method: "CheckTransaction", params: { id: "f".repeat(24) } };
const TEXTS = {
  uz: "Hozir bo‘lmayapti. Yana urinib ko‘ring",
  ru: "Сейчас не получается. Попробуйте ещё раз",
  en: "This does not work just now. Try again",
};

it("overload refuses payers in their language, and neither Payme's calls nor those who look after the server", async () => {
  const room = { is: true };
  const storage = memoryStorage();
  const { request, buy, notify, adminToken, lines } = await openShop({
    storage,
    hasRoom: () => room.is,
    metrics: { metrics: createMetrics(), token: undefined },
    merchantOf: ({ payments }) => createMerchantApi({ ...payments.asOrders(), storage, key: KEY }),
  });
  const id = await buy(1);
  room.is = false;

  const answers: [language: string, answer: Answer][] = [];
  const buyIn = async (language: string) => {
    const headers = { "Accept-Language": language };
    answers.push([language, await request("POST", "/tariffs/2/purchase", { headers })]);
  };
  for (const language of Object.keys(TEXTS)) void buyIn(language);
  const look = (path: string) => request("GET", path, { token: adminToken });
  const others = await Promise.all([
    request("POST", "/payme/merchant", { token: null, headers: { Authorization: BASIC }, json: CHECK }),
    notify(paid(id, 1_000_000)),
    ...["/health", "/metrics", "/admin", "/payme/incidents", `/payme/payments/${id}/story`].map(look),
  ]);
  expect(others.map(({ status }) => status)).toEqual(others.map(() => 200));

  await vi.waitFor(() => expect(answers).toHaveLength(3), { timeout: 10_000 });
  for (const [language, answer] of answers) {
    expect(answer).toMatchObject(refusal(503, "INTERNAL_ERROR"));
    expect(answer.body.error).toBe(Object(TEXTS)[language]);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  }
  // One line for many, ten seconds later.
  expect(lines.filter((line) => line.includes('"level":"warn"'))).toEqual([]);
  room.is = true;
  expect(await request("POST", "/tariffs/2/purchase")).toMatchObject({ status: 200 });
});
