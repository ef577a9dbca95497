import { PaymeStorageError } from "payme-kit";
import { expect, it } from "vitest";
import { openShop, paid, type Shop } from "./shop";

/** Names of fields, of our errors and of our tables: nothing for a payer. */
const OURS = /tariffId|tariff_id|user_id|amount:|idempotencyKey|cashbox|JSON|Bearer|http|_/;
const LANGUAGES = [
  ["uz", "Sizda qimmatroq tarif amal qilmoqda. Bunisini u tugagach olish mumkin"],
  ["ru", "У вас действует тариф дороже. Этот можно купить, когда он закончится"],
  ["en", "You have a dearer tariff now. You can buy this one when it ends"],
] as const;

async function withDearer(): Promise<Shop> {
  const shop = await openShop();
  const id = await shop.buy(3);
  await shop.notify(paid(id, 15_000_000));
  return shop;
}

it.each(LANGUAGES)(
  "a refused purchase is explained to the payer in %s, without a field of ours",
  async (lang, text) => {
    const { request } = await withDearer();
    const answer = await request("POST", "/tariffs/1/purchase", {
      headers: { "Accept-Language": `${lang}-UZ,${lang};q=0.9` },
    });
    expect(answer).toMatchObject({ status: 400, body: { success: false, error: text, message: text } });
    expect(answer.body.data).toMatchObject({
      error_code: "VALIDATION_ERROR",
      hint: expect.stringContaining("is cheaper"),
    });
    expect(answer.headers.get("vary")).toContain("Accept-Language");
  },
);

it("without Accept-Language, and for a language that is not ours, the text is English", async () => {
  const { request } = await withDearer();
  for (const headers of [{}, { "Accept-Language": "de" }, { "Accept-Language": "*" }]) {
    const { body } = await request("POST", "/tariffs/1/purchase", { headers });
    expect(body.message).toBe(LANGUAGES[2][1]);
  }
});

it("every refusal has a text for payers in each language, and its developers' words in data.hint only", async () => {
  const shop = await openShop({ limits: { failedAuthentications: 3, pages: 600 } });
  const { request } = shop;
  const refused = [
    ["POST", "/payme/create-payment", { json: { user_id: "user123" } }],
    ["POST", "/payme/create-payment", { json: { user_id: "user123", tariff_id: 1, amount: 7 } }],
    ["POST", "/payme/create-payment", { json: { user_id: "somebody", tariff_id: 1, amount: 10_000 } }],
    ["POST", "/payme/create-payment", { body: "{" }],
    ["POST", "/payme/create-payment", { body: "x".repeat(70_000) }],
    ["GET", "/tariffs/99", {}],
    ["GET", "/nowhere", {}],
    ["GET", "/payme/statistics", {}],
    ["GET", "/users/me", { token: null }],
  ] as const;
  const texts = new Map<string, Set<unknown>>();
  for (const lang of ["uz", "ru", "en"]) {
    for (const [method, path, options] of refused) {
      const { status, body } = await request(method, path, { ...options, headers: { "Accept-Language": lang } });
      expect(body, `${method} ${path}`).toMatchObject({
        error: body.message,
        data: { hint: expect.stringMatching(/\w/) },
      });
      expect(String(body.message).length).toBeLessThan(80);
      expect(body.message).not.toMatch(OURS);
      const key = `${method} ${path} ${status} ${JSON.stringify(options).slice(0, 60)}`;
      texts.set(key, (texts.get(key) ?? new Set()).add(body.message));
    }
  }
  // Three languages are three texts.
  for (const [key, said] of texts) expect([...said], key).toHaveLength(3);
  const limited = await request("GET", "/users/me", { token: null, headers: { "Accept-Language": "uz" } });
  expect(limited).toMatchObject({ status: 429, body: { message: "So‘rovlar juda ko‘p. Bir daqiqa kuting" } });
});

it("Payme's refusal, its silence, a database that is away and a fault of ours say different things", async () => {
  const { mock, request } = await openShop({ newId: () => "error-7" });
  const buy = () => request("POST", "/tariffs/1/purchase", { headers: { "Accept-Language": "ru" } });
  mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31601, message: "closed", times: 1 });
  expect(await buy()).toMatchObject({ status: 502, body: { message: "Не удалось создать платёж. Попробуйте позже" } });
  const away = await openShop({
    authenticate: async () => {
      throw new PaymeStorageError("STORAGE_BUSY", "the database is not available");
    },
  });
  expect(await away.request("GET", "/users/me")).toMatchObject({
    status: 503,
    body: { message: "This does not work just now. Try again" },
  });
  const broken = await openShop({
    newId: () => "error-7",
    authenticate: async () => {
      throw new TypeError("a fault of ours");
    },
  });
  expect(await broken.request("GET", "/users/me", { headers: { "Accept-Language": "ru" } })).toMatchObject({
    status: 500,
    body: { message: "У нас произошла ошибка (error-7)" },
  });
});
