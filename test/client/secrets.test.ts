import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createScrub } from "../../src/client/scrub";
import { createPaymeClient, paymeConfigFromEnv } from "../../src/entry/client";
import type { Exchange } from "../../src/protocol/exchange";
import { clientAt, connect, createArguments, failureOf, merchantId, read, receiptId, write } from "./kit";
import { answering, answeringText, breakingOff, resetting, type Script, silent } from "./scripted-server";

/** Its Base64 has + and /, so that the URL-safe alphabet is another text. */
const key = `Pl@nted"Key?1&2\\%#ed/+=>>>???~~~`;
const pan = "8600069195406311";
const sms = "483920";
const token = "65a0c100a1b2c3d4e5f60718_QmVhcmVyVG9rZW4";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Each secret in every form in which it could slip out. */
const planted = [key, `${merchantId}:${key}`, `Paycom:${key}`, pan, sms, token].flatMap((secret) => [
  secret,
  base64(secret),
  base64(secret).replace(/=+$/, ""),
  Buffer.from(secret).toString("base64url"),
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
]);

/** What is found of the secrets in a value: its own fields, its causes, stack, inspect and JSON. */
function leaksIn(value: unknown): string[] {
  const shown = [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(value) ?? "",
    String(value),
    ...(value instanceof Error ? [value.message, value.stack ?? "", JSON.stringify(Object.entries(value))] : []),
  ].join("\n");
  const cause = value instanceof Error && value.cause !== undefined ? leaksIn(value.cause) : [];
  return [...planted.filter((secret) => shown.includes(secret)), ...cause];
}

/** Answers with everything that came in: a debugging proxy, or an echo. */
const echo =
  (status: number, asError: boolean): Script =>
  (response, { headers, body }) => {
    const all = {
      body,
      headers: JSON.stringify(headers),
      auth: headers["x-auth"],
      coded: base64(String(headers["x-auth"])),
      urlCoded: Buffer.from(String(headers["x-auth"])).toString("base64url"),
    };
    const error = { code: -32504, message: `${all.auth} ${all.coded} ${pan}`, data: all };
    response.writeHead(status, { "Content-Type": `text/html; ${pan}` });
    response.end(asError ? JSON.stringify({ error }) : JSON.stringify({ ...all, result: all }));
  };

const scripts: [string, Script][] = [
  ["an error that echoes", echo(200, true)],
  ["a result that echoes", echo(200, false)],
  ["HTTP 500 that echoes", echo(500, false)],
  ["a reset", resetting],
  ["half an answer", breakingOff],
  ["silence", silent],
  ["HTML", answeringText(`<p>${key}</p>`)],
];

describe("no secret leaves the client", () => {
  it("the search finds what is there", () => {
    expect(leaksIn(new Error("x", { cause: { header: key } }))).not.toEqual([]);
    expect(leaksIn({ nested: [base64(`${merchantId}:${key}`)] })).not.toEqual([]);
  });

  it.each(scripts)("in errors, log lines and exchanges: %s", async (_case, script) => {
    for (const auth of ["key", "signature"] as const) {
      const exchanges: Exchange[] = [];
      const lines: unknown[] = [];
      const line = (...parts: unknown[]) => void lines.push(parts);
      const { client, server } = await connect(script, {
        key,
        auth,
        timeoutMs: 80,
        logger: { info: line, warn: line, error: line },
        onExchange: (exchange) => {
          exchanges.push(exchange);
          throw new Error(`${key} ${pan}`);
        },
      });
      const card = { number: pan, expire: "0399" };
      const calls = [
        read(client),
        write(client),
        client.rpc("cards.create", { card, token, code: sms }, { class: "write" }),
        client.receipts.create({ ...createArguments, description: `card ${pan}` }),
        Reflect.apply(client.receipts.create, undefined, [{ amount: pan, account: { [key]: token }, hold: key }]),
      ];
      const settled = await Promise.allSettled(calls);
      const errors = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      expect(errors.length).toBeGreaterThan(3);
      expect([...errors, exchanges, lines].flatMap(leaksIn)).toEqual([]);
      expect(exchanges.length).toBeGreaterThan(3);
      const signatures = server.seen.map(({ headers }) => String(headers["x-auth"]).replace(`${merchantId}:`, ""));
      const shown = inspect([errors, exchanges, lines], { depth: 20 });
      expect(signatures.filter((signature) => shown.includes(signature))).toEqual([]);
    }
  });

  it("in what a custom fetch throws: its message may hold the request", async () => {
    const talkative: typeof fetch = async (input) => {
      const header = input instanceof Request ? input.headers.get("x-auth") : "";
      throw Object.assign(new TypeError(`failed with ${header}`), { request: input, code: key, name: key });
    };
    const client = clientAt("http://127.0.0.1:1", { key, fetch: talkative });
    expect(leaksIn(await failureOf(write(client)))).toEqual([]);
    expect(leaksIn(await failureOf(read(client)))).toEqual([]);
  });

  it("in the client itself: inspect, JSON, keys, its methods' sources", () => {
    const client = createPaymeClient({ merchantId, key });
    expect(leaksIn(client)).toEqual([]);
    expect(leaksIn(Object.entries(client))).toEqual([]);
    expect(Object.keys(client).sort()).toEqual([
      "capture",
      "cards",
      "hold",
      "merchantId",
      "mode",
      "pay",
      "receiptUrl",
      "receipts",
      "release",
      "rpc",
      "waitUntilPaid",
    ]);
  });

  it("in the configuration read from the environment, though spreading it takes the key along", () => {
    const config = paymeConfigFromEnv({ PAYME_MERCHANT_ID: merchantId, PAYME_SECRET_KEY: key });
    // What is shown on purpose with showHidden is the raw object; nobody logs with it.
    expect(planted.filter((secret) => `${inspect(config)}${JSON.stringify(config)}${config}`.includes(secret))).toEqual(
      [],
    );
    expect({ ...config }.key).toBe(key);
  });

  it("in errors about the configuration", () => {
    for (const options of [
      { merchantId: key, key: ` ${key} ` },
      { merchantId: `${merchantId}:${key}`, key, auth: key, mode: key, apiUrl: `https://u:${key}@x.uz` },
    ]) {
      expect(leaksIn(thrownBy(() => Reflect.apply(createPaymeClient, undefined, [options])))).toEqual([]);
    }
    const env = { PAYME_MERCHANT_ID: key, PAYME_SECRET_KEY: `${key}\n`, PAYME_AUTH: key, PAYME_API_URL: key };
    expect(leaksIn(thrownBy(() => paymeConfigFromEnv(env)))).toEqual([]);
  });

  it("a card number in an answer to a read does not reach the caller whole", async () => {
    const receipt = { _id: receiptId, state: 4, amount: 1, card: { number: pan, expire: "9903" } };
    const { client } = await connect(answering({ result: { receipt } }), { key });
    expect(leaksIn(await client.receipts.get(receiptId))).toEqual([]);
  });
});

describe("createScrub", () => {
  it("hides a secret in the name of a member too", () => {
    expect(createScrub(key).data({ [`x ${key}`]: 1 })).toEqual({ "x [hidden]": 1 });
  });

  it("hides what a request carries from texts that repeat it, in any form", () => {
    const scrub = createScrub(key).alsoOf({ token, card: { number: pan }, code: sms, note: "fine" });
    for (const secret of [token, pan, sms]) {
      expect(scrub.text(`a ${secret} b ${base64(secret)} c`)).not.toMatch(new RegExp(`${secret}|${base64(secret)}`));
    }
    expect(scrub.text("fine")).toBe("fine");
  });

  it("leaves a text without secrets as it is", () => {
    const scrub = createScrub(key);
    expect(scrub.text("Order 4417 of shop 65a0c1d2e3f4a5b6c7d8e9f0")).toBe(
      "Order 4417 of shop 65a0c1d2e3f4a5b6c7d8e9f0",
    );
    expect(scrub.data({ a: [1, null, "x", { b: true }] })).toEqual({ a: [1, null, "x", { b: true }] });
  });

  it("a key too short to be one does not make texts unreadable", () => {
    expect(createScrub("a").text("a banana")).toBe("a banana");
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("expected a throw");
}
