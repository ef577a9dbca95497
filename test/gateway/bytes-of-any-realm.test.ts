import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { parseWebhook, signPayload, verifySignature } from "../../src/entry/gateway";
import { readRawBody } from "../../src/entry/node";
import { canonicalBody } from "../../src/gateway/signature";
import { answerOf, createShop, KEY } from "../merchant/shop";

const SECRET = "a secret of the gateway";
const TEXT = '{"method":"receipts.pay","params":{"id":"64f8a1b2c3d4e5f6a7b8c9d0","amount":5000000,"note":"Тўлов 😀"}}';
const OTHER = TEXT.replace("5000000", "5000001");
const realm = createContext({});
/** Makes a value by the classes of another realm, as jsdom, a worker or a sandbox has them. */
const foreign = (expression: string, bytes: Uint8Array): ArrayBufferView | ArrayBuffer =>
  runInContext(`(bytes) => ${expression}`, realm)([...bytes]);

const padded = (text: string) => {
  const bytes = Buffer.from(text);
  const larger = new Uint8Array(bytes.length + 16);
  larger.set(bytes, 8);
  return { larger, length: bytes.length };
};

/** The bytes of a text, in each way in which bytes come. */
const VIEWS: Readonly<Record<string, (text: string) => object>> = {
  "a Buffer": (text) => Buffer.from(text),
  "a Uint8Array that is a part of a larger one": (text) => {
    const { larger, length } = padded(text);
    return larger.subarray(8, 8 + length);
  },
  "a DataView": (text) => {
    const { larger, length } = padded(text);
    return new DataView(larger.buffer, 8, length);
  },
  "a Uint8ClampedArray": (text) => new Uint8ClampedArray(Buffer.from(text)),
  "an Int8Array": (text) => new Int8Array(Buffer.from(text)),
  "an ArrayBuffer": (text) => new Uint8Array(Buffer.from(text)).buffer,
  "a SharedArrayBuffer": (text) => {
    const bytes = Buffer.from(text);
    const shared = new SharedArrayBuffer(bytes.length);
    new Uint8Array(shared).set(bytes);
    return shared;
  },
  "a Uint8Array of another realm": (text) => foreign("new Uint8Array(bytes)", Buffer.from(text)),
  "a DataView of another realm": (text) => foreign("new DataView(new Uint8Array(bytes).buffer)", Buffer.from(text)),
  "an ArrayBuffer of another realm": (text) => foreign("new Uint8Array(bytes).buffer", Buffer.from(text)),
};
const views = Object.entries(VIEWS);

/** Of each of these JSON has a text that says nothing of its content, or none. */
const UNREAD: Readonly<Record<string, unknown>> = {
  "a Map": new Map([["amount", 5_000_000]]),
  "a Set": new Set([TEXT]),
  "a Blob": new Blob([TEXT]),
  "a stream": new Blob([TEXT]).stream(),
  "a FormData": new FormData(),
  "a URLSearchParams": new URLSearchParams("amount=5000000"),
  "a Request": new Request("https://shop.example/", { method: "POST", body: TEXT }),
  "a promise": Promise.resolve(TEXT),
  "a Date": new Date(0),
  "a RegExp": /x/,
  "an error": new Error("x"),
  "a Map of another realm": runInContext("new Map([[1, 2]])", realm),
  "a boxed text": Object("{}"),
  "a function": () => TEXT,
  null: null,
  undefined: undefined,
  "a number": 5,
};
const unread = Object.entries(UNREAD);

/** As callers without types call it. */
const loosely = (call: (...given: never[]) => unknown, ...given: unknown[]): unknown =>
  Reflect.apply(call, undefined, given);

describe.each(views)("bytes in %s", (_name, view) => {
  it("are signed as their text, and no other text has that signature", () => {
    expect(loosely(signPayload, view(TEXT), SECRET)).toBe(signPayload(TEXT, SECRET));
    expect(loosely(canonicalBody, view(TEXT))).toBe(canonicalBody(TEXT));
    expect(loosely(signPayload, view(OTHER), SECRET)).not.toBe(signPayload(TEXT, SECRET));
  });

  it("are verified: raw, canonical, and not with the signature of another body", () => {
    const signature = signPayload(TEXT, SECRET);
    expect(loosely(verifySignature, view(TEXT), signature, SECRET)).toBe(true);
    expect(loosely(verifySignature, view(TEXT.replaceAll(",", ", ")), signature, SECRET)).toBe(true);
    expect(loosely(verifySignature, view(OTHER), signature, SECRET)).toBe(false);
    expect(loosely(verifySignature, view(TEXT), signPayload({}, SECRET), SECRET)).toBe(false);
  });

  it("are parsed as a notification", () => {
    const headers = { "x-auth-signature": signPayload(TEXT, SECRET) };
    expect(loosely(parseWebhook, view(TEXT), headers, { secret: SECRET })).toMatchObject({
      type: "payment.paid",
      amount: 5_000_000,
    });
  });

  it("are read by the endpoint and by the edge of Node", async () => {
    const { merchant } = createShop({});
    const headers = { Authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
    const body = view('{"method":"CheckTransaction","params":{"id":"a"},"id":7}');
    const reply = await merchant.handle({ method: "POST", headers, body });
    expect(answerOf(String(reply.body))).toMatchObject({ error: { code: -31003 }, id: 7 });

    const limited = createShop({ limitBytes: 20 }).merchant;
    const tooLarge = await limited.handle({ method: "POST", headers, body });
    expect(answerOf(String(tooLarge.body))).toMatchObject({ error: { code: -32600 } });

    const nothing = () => {
      throw new Error("the bytes are kept: nothing is to be read");
    };
    const request = {
      on: nothing,
      off: nothing,
      resume: nothing,
      destroyed: false,
      readableEnded: true,
      headers: {},
      rawBody: view(TEXT),
    };
    const bytes = await loosely(readRawBody, request, { limitBytes: 1_000 });
    expect(bytes instanceof Uint8Array && Buffer.from(bytes).toString()).toBe(TEXT);
  });
});

describe.each(unread)("%s", (_name, body) => {
  it("is signed by nobody, and verifies nothing", () => {
    expect(() => loosely(signPayload, body, SECRET)).toThrow(/no text, no bytes and no plain object/);
    for (const signed of ["{}", "null", TEXT, '"1970-01-01T00:00:00.000Z"', "5"]) {
      expect(loosely(verifySignature, body, signPayload(signed, SECRET), SECRET)).toBe(false);
    }
  });
});

it("a plain object of another realm, and one without a prototype, are signed as JSON.stringify writes them", () => {
  const parsed: object = runInContext(`(text) => JSON.parse(text)`, realm)(TEXT);
  expect(signPayload(parsed, SECRET)).toBe(signPayload(TEXT, SECRET));
  const bare: object = Object.assign(Object.create(null), JSON.parse(TEXT));
  expect(verifySignature(bare, signPayload(TEXT, SECRET), SECRET)).toBe(true);
});
