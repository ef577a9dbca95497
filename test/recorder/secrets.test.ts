import { describe, expect, it } from "vitest";
import { signPayload } from "../../src/entry/gateway";
import { describeCall, type RecordedCall } from "../../src/tools/recorder/describe-call";
import { createVault, type Vault } from "../../src/tools/recorder/redaction";
import { recording, targetServer } from "./kit";

/** With what careless code would escape. */
const KEY = 'pl4nted&key/of+the?cash"box\\=0123456789';
const PASSWORD = "new-planted/password+of~the#cashbox";
const TOKEN = "65a0c100a1b2c3d4e5f60718_Qm9ndXNUb2tlbkZvckRvY3M/x+y";
const PAN = "8600777788889999";
const CVV = "737";
const CODE = "904816";
const PHONE = "998901234567";
const EMAIL = "payer@example.uz";

/** A secret in every form in which it may turn up. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64");
  return [
    secret,
    base64,
    base64.replace(/=+$/, ""),
    Buffer.from(secret).toString("base64url"),
    Buffer.from(`Paycom:${secret}`).toString("base64"),
    Buffer.from(`x=${secret}&y=1`).toString("base64"),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  ];
}

const PLANTED: Readonly<Record<string, string>> = { KEY, PASSWORD, TOKEN, PAN, CVV, CODE, PHONE, EMAIL };

/** An answer that repeats all that it can, in each form. */
function echo(secrets: readonly string[]): unknown {
  const all = secrets.flatMap(formsOf);
  return {
    error: {
      code: -31300,
      message: { ru: `плохо: ${all.join(" ")}`, uz: all.join("\n"), en: JSON.stringify({ all }) },
      data: { nested: all, asJson: JSON.stringify({ token: TOKEN, cvv: CVV, all }), [PAN]: PAN },
    },
    number: 8600777788889999,
    code: Number(CODE),
    phone: Number(PHONE),
  };
}

function bodyOf(method: string): object {
  return {
    id: 1,
    method,
    params: {
      card: { number: PAN, expire: "0399", cvv: CVV },
      token: TOKEN,
      code: CODE,
      password: PASSWORD,
      payer: { id: "user-1", name: "Ismoilova Dilnoza", phone: PHONE, email: EMAIL, ip: "203.0.113.9" },
      account: { order_id: 197, phone: PHONE },
      description: `card 8600 7777 8888 9999 or 8600-7777-8888-9999, call +998 90 123-45-67`,
    },
  };
}

const AUTHORIZATIONS: Readonly<Record<string, Record<string, string>>> = {
  "Basic of Paycom": { Authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` },
  "Basic of another login": { Authorization: `Basic ${Buffer.from(`shop:${KEY}`).toString("base64")}` },
  Bearer: { Authorization: `Bearer ${encodeURIComponent(KEY)}` },
  "X-Auth with a key": { "X-Auth": `65a0b0000000000000000001:${KEY}` },
  "X-Auth with a signature": { "X-Auth": `65a0b0000000000000000001:${signPayload("{}", KEY)}` },
  "a signed notification": { "X-Auth-Signature": signPayload("{}", KEY) },
  "a cookie": { Cookie: `session=${KEY}`, "X-Custom": KEY },
};

describe.each(Object.entries(AUTHORIZATIONS))("planted secrets, with %s", (_, headers) => {
  it("are in no recording, whatever the answer repeats", async () => {
    const secrets = Object.values(PLANTED);
    const target = await targetServer((response) =>
      response
        .writeHead(200, { "Content-Type": "application/json", "X-Echo": encodeURIComponent(KEY) })
        .end(JSON.stringify(echo(secrets))),
    );
    // The key of a signature is never on the wire: whoever records it must say what it is.
    const isOnTheWire =
      headers["X-Auth"]?.includes(KEY) === true || headers.Authorization?.startsWith("Basic") === true;
    const { url, exchanges } = await recording(target.url, { secrets: isOnTheWire ? [] : [KEY] });
    await fetch(`${url}/pay?key=${encodeURIComponent(KEY)}`, {
      method: "POST",
      headers: { ...headers, Referer: `https://shop.example/?token=${TOKEN}`, "User-Agent": `agent ${PHONE}` },
      body: JSON.stringify(bodyOf("cards.create")),
    });
    const [exchange] = exchanges;
    const text = JSON.stringify(exchange);
    const forms = [...secrets.flatMap(formsOf), ...Object.values(headers)];
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
    expect(text).not.toContain("Ismoilova");
    expect(text).toContain("860077******9999");
    expect(exchange).toMatchObject({
      request: {
        body: {
          value: {
            params: {
              card: { number: "860077******9999", expire: "0399", cvv: "[hidden]" },
              token: "token-1",
              code: "[hidden]",
              payer: { id: "user-1", phone: "99890*****67" },
              account: { order_id: 197, phone: "99890*****67" },
            },
          },
        },
      },
    });
  });
});

/** A call as it passed by. */
function passed(
  vault: Vault,
  request: string,
  answer: string,
  headers: readonly (readonly [string, string])[] = [],
): RecordedCall {
  const message = (text: string) => ({ headers, body: Buffer.from(text), bytes: text.length });
  const raw: Parameters<typeof describeCall>[0] = {
    n: 1,
    at: 0,
    ms: 1,
    outcome: "answered",
    problem: null,
    request: { ...message(request), httpMethod: "POST", path: "/" },
    response: { ...message(answer), status: 200 },
  };
  return describeCall(raw, vault);
}

describe("a recording", () => {
  it("relates calls by placeholders: the same token has the same one, another one another", () => {
    const vault = createVault();
    const card = (token: string) => JSON.stringify({ result: { card: { token } } });
    const tokens = [
      passed(vault, "{}", card(TOKEN)),
      passed(vault, "{}", card("65a0c100a1b2c3d4e5f60718_another")),
      passed(
        vault,
        JSON.stringify({ params: { token: TOKEN } }),
        JSON.stringify({ error: { message: `no ${TOKEN}` } }),
      ),
    ].map((exchange) => JSON.stringify(exchange).match(/token-\d/g));
    expect(tokens).toEqual([["token-1"], ["token-2"], ["token-1", "token-1"]]);
  });

  it("keeps what playing it needs: ids, times, amounts, states, codes, masked numbers", () => {
    const answer = {
      jsonrpc: "2.0",
      id: 7,
      result: {
        receipt: {
          _id: "65a0c1d2e3f4a5b6c7d8e9f0",
          create_time: 1705034194310,
          pay_time: 0,
          state: 4,
          amount: 5_000_000,
          account: [{ name: "order_id", title: "Номер заказа", value: "4417", main: true }],
          card: { number: "860049******6478", expire: "9903" },
          merchant: { name: "Demo Shop", type: { ru: "Internet" } },
          detail: { items: [{ title: "Чай", code: "00902001001000099", package_code: "1234567", price: 904816 }] },
          meta: { source: "subscribe", owner: "65a0b0000000000000000001" },
          error: null,
        },
        phone: "99890*****31",
        transaction: "5123",
        sent: true,
        wait: 60_000,
      },
    };
    const { response } = passed(createVault(), JSON.stringify(bodyOf("receipts.pay")), JSON.stringify(answer));
    // The price is as it was asked for: an SMS code with the same digits is hidden, and takes it along in this call only.
    answer.result.receipt.detail.items = answer.result.receipt.detail.items.map((item) => ({ ...item, price: 500 }));
    const again = passed(createVault(), "{}", JSON.stringify(answer));
    expect(again.response?.body).toEqual({ kind: "json", value: answer });
    expect(JSON.stringify(response?.body)).toContain('"price":"[hidden]"');
  });

  it("keeps ids whose digits look like a card's number or a telephone's, and masks those next to letters", () => {
    const ids = ["65a0123456789012345678f0", "99890123456789012345678a", "a8600777788889999bcdef01"];
    const { response } = passed(createVault(), "{}", JSON.stringify({ ids, text: `card${PAN}x tel${PHONE}` }));
    expect(response?.body).toMatchObject({ value: { ids, text: "card860077******9999x tel99890*****67" } });
  });

  it("hides a signature that an endpoint expected, though nobody sent it", () => {
    const expected = signPayload("{}", KEY);
    const text = JSON.stringify(passed(createVault(), "{}", JSON.stringify({ error: `expected ${expected}` })));
    expect(text).not.toContain(expected);
  });

  it("masks a card's number of any length, wherever it is repeated", () => {
    const number = "860077778888999912";
    const answer = { error: { message: `no ${number}, ${number}5`, data: Number(number) } };
    const text = JSON.stringify(
      passed(createVault(), JSON.stringify({ params: { card: { number } } }), JSON.stringify(answer)),
    );
    expect(text).not.toContain(number);
    expect(text).toContain("no 860077******9912");
  });

  it("hides what a text that is no JSON names as secret", () => {
    const { request } = passed(
      createVault(),
      `{"method":"cards.create","params":{"token":"${TOKEN}","cvv":"737","card":{"number":"${PAN}"`,
      "",
    );
    const form = passed(
      createVault(),
      `merchant=1&cvv=737&password=${PASSWORD}&number=8600%207777%208888%209999`,
      `was ${PASSWORD}`,
    );
    const text = JSON.stringify([request, form]);
    for (const secret of [TOKEN, '"737', "=737", PAN, PASSWORD, "8888"]) expect(text).not.toContain(secret);
  });

  it("takes no card number, token or code for the name of a method", () => {
    const vault = createVault();
    for (const method of [PAN, `card${PAN}`, TOKEN, PASSWORD, CODE]) {
      const call = { method, params: { token: TOKEN, password: PASSWORD, code: CODE } };
      const text = JSON.stringify(passed(vault, JSON.stringify(call), "{}"));
      for (const secret of [PAN, TOKEN, PASSWORD, CODE]) expect(text).not.toContain(secret);
    }
  });

  it("keeps no bytes that it cannot read", () => {
    const vault = createVault();
    const raw = { headers: [], body: Buffer.from([0xff, 0xfe, 0x38]), bytes: 3 };
    const exchange = describeCall(
      {
        n: 1,
        at: 0,
        ms: 0,
        outcome: "answered",
        problem: null,
        request: { ...raw, httpMethod: "POST", path: "/" },
        response: null,
      },
      vault,
    );
    expect(exchange.request.body).toEqual({ kind: "binary" });
  });

  it("withholds the bodies where a secret would slip through all the same", () => {
    const vault = createVault();
    // As if a name of ours were the secret: it cannot be taken out.
    vault.learn("otherHeaders");
    const { request, response } = passed(vault, '{"method":"CheckTransaction"}', '{"result":1}');
    expect([request.body, response?.body, request.method]).toEqual([{ kind: "binary" }, { kind: "binary" }, null]);
  });

  it("takes its time for hostile bodies, but no more", () => {
    const started = performance.now();
    for (const body of [
      "a".repeat(100_000),
      "eyJ-".repeat(25_000),
      "%41".repeat(30_000),
      "1 ".repeat(50_000),
      `${"[".repeat(100_000)}1${"]".repeat(100_000)}`,
      "key".repeat(30_000),
      "a@".repeat(50_000),
    ]) {
      passed(createVault(), body, JSON.stringify({ result: body }));
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
