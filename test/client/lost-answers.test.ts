import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { PaymeConnectionError, PaymeOutcomeUnknownError } from "../../src/kit/errors";
import { bareReceipt, connect, createArguments, failureOf, failureOfType, read, receiptId, write } from "./kit";
import { answering, answeringText, breakingOff, resetting, type Script, silent } from "./scripted-server";

const huge = "x".repeat(9 * 1024 * 1024);

/** Everything that can go wrong once a byte may have left. */
const failures: [string, Script, RegExp][] = [
  ["the connection is reset", resetting, /broke/],
  ["the connection is reset in the middle of the answer", breakingOff, /broke/],
  ["HTTP 500 with HTML", answeringText("<html>oops</html>", "text/html", 500), /HTTP 500 \(text\/html\)/],
  ["HTTP 502 with a result", answering({ result: { receipt: bareReceipt, state: 4 } }, 502), /HTTP 502/],
  ["HTTP 201 with a result", answering({ result: { receipt: bareReceipt, state: 4 } }, 201), /HTTP 201/],
  ["HTTP 401 with an error", answering({ error: { code: -32504, message: "no" } }, 401), /HTTP 401/],
  ["HTTP 204", (response) => void response.writeHead(204).end(), /HTTP 204/],
  ["HTML", answeringText("<html>maintenance</html>"), /no JSON \(text\/html\)/],
  ["an empty body", answeringText(""), /no JSON/],
  ["half of a JSON text", answeringText('{"result":{"rece', "application/json"), /no JSON/],
  ["bytes that are not UTF-8", (response) => void response.end(Buffer.from([0x7b, 0xff, 0xfe])), /not UTF-8/],
  ["an answer of 9 MiB", answeringText(JSON.stringify({ result: { receipt: { ...bareReceipt, huge } } })), /too large/],
  [
    "an answer of 9 MiB, compressed",
    (response) => void response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(huge)),
    /too large/,
  ],
];

const timeouts: [string, Script][] = [
  ["no answer", silent],
  ["an answer that stops half-way", (response) => void response.writeHead(200).write('{"result":')],
];

/** JSON that does not say what happened. */
const shapes: [string, unknown][] = [
  ["null", null],
  ["a number", 5],
  ["an array", [{ result: { receipt: bareReceipt } }]],
  ["neither result nor error", { jsonrpc: "2.0", id: 1 }],
  ["both result and error", { result: { receipt: bareReceipt, state: 4 }, error: { code: -32400 } }],
  ["an error that is text", { error: "denied" }],
  ["result null", { result: null }],
  ["result text", { result: "ok" }],
  ["an empty result", { result: {} }],
  ["a receipt that is null", { result: { receipt: null, state: null } }],
  ["a receipt without an id", { result: { receipt: { state: 0, amount: 1 }, state: "4" } }],
  ["an amount that is text", { result: { receipt: { ...bareReceipt, amount: "1250000" } } }],
  ["an amount with decimals", { result: { receipt: { ...bareReceipt, amount: 1.5 }, state: 1.5 } }],
  ["an amount below zero", { result: { receipt: { ...bareReceipt, amount: -1 } } }],
  ["a state that is text", { result: { receipt: { ...bareReceipt, state: "4" }, state: "4" } }],
];

const cases: [string, Script, RegExp][] = [
  ...failures,
  ...shapes.map(([name, json]): [string, Script, RegExp] => [name, answering(json), /answered/]),
];

describe("a write whose answer is unusable has an unknown outcome, and is sent once", () => {
  it.each(cases)("%s", async (_case, script, message) => {
    const { client, server } = await connect(script);
    const error = await failureOfType(PaymeOutcomeUnknownError, write(client));
    expect(error.message).toMatch(message);
    expect(error.method).toBe("receipts.create");
    expect(error.settledBy).toBe("receipts.get_all");
    expect(error.aborted).toBe(false);
    expect(error.cause).toBeUndefined();
    expect(server.seen).toHaveLength(1);
  });
});

describe("a read whose answer is unusable is a connection error: asking again is safe", () => {
  it.each(cases)("%s", async (_case, script, message) => {
    const { client } = await connect(script);
    const error = await failureOfType(PaymeConnectionError, client.receipts.get(receiptId));
    expect(error.message).toMatch(message);
    expect(error.message).toContain("asking again is safe");
  });
});

describe("the read that settles a write", () => {
  it("is receipts.check for a cancel", async () => {
    const { client } = await connect(resetting);
    const error = await failureOfType(PaymeOutcomeUnknownError, client.receipts.cancel(receiptId));
    expect(error).toMatchObject({ method: "receipts.cancel", settledBy: "receipts.check" });
    expect(error.message).toContain("do not repeat it");
  });

  it.each([
    ["receipts.pay", "receipts.check"],
    ["receipts.confirm_hold", "receipts.check"],
    ["receipts.p2p", "receipts.get_all"],
    ["receipts.set_fiscal_data", "receipts.get"],
    ["cards.verify", "cards.check"],
    ["something.new", "receipts.check"],
  ])("of %s by rpc is %s", async (method, settledBy) => {
    const { client } = await connect(resetting);
    const call = client.rpc(method, {}, { class: "write" });
    expect(await failureOfType(PaymeOutcomeUnknownError, call)).toMatchObject({ method, settledBy });
  });
});

describe("a redirect is no answer", () => {
  it.each([301, 302, 307, 308])("HTTP %i is not followed: the key goes to no other host", async (status) => {
    const elsewhere = await connect(answering({ result: { receipt: bareReceipt } }));
    const { client, server } = await connect((response) => {
      response.writeHead(status, { Location: `${elsewhere.server.url}/api` }).end();
    });
    const error = await failureOfType(PaymeOutcomeUnknownError, write(client));
    expect(error.message).toContain(`HTTP ${status}`);
    expect(server.seen).toHaveLength(1);
    expect(elsewhere.server.connections()).toBe(0);
  });
});

describe("a server that fails says nothing about the key", () => {
  it.each([500, 502, 503, 504])("HTTP %i: a write is settled by asking, a read is asked again", async (status) => {
    const { client } = await connect(answeringText("<html>", "text/html", status), { retries: 0 });
    const paying = client.receipts.pay({ id: receiptId, token: "65a0c100a1b2c3d4e5f60718_QmVhcmVy" });
    const { hint } = await failureOfType(PaymeOutcomeUnknownError, paying);
    expect(hint).toBe("Call receipts.check with the same id: its answer says what happened.");
    expect((await failureOfType(PaymeConnectionError, read(client))).hint).toBeUndefined();
  });

  it.each([401, 403, 404])("HTTP %i may be the key or the address", async (status) => {
    const { client } = await connect(answeringText("<html>", "text/html", status), { retries: 0 });
    expect((await failureOfType(PaymeOutcomeUnknownError, write(client))).hint).toContain("merchantId and key");
  });
});

describe("an answer that makes no sense comes with the commonest cause", () => {
  it("names scheme, host and the other combination", async () => {
    const { client, server } = await connect(answeringText("<html>"), { mode: "test" });
    const error = await failureOfType(PaymeOutcomeUnknownError, write(client));
    expect(error.hint).toContain(server.url);
    expect(error.hint).toContain('auth "key"');
    expect(error.hint).toContain('auth "signature" at https://test.paycom.uz');
  });

  it("does so for the other scheme", async () => {
    const { client } = await connect(answeringText("<html>"), { mode: "test", auth: "signature" });
    const error = await failureOfType(PaymeConnectionError, read(client));
    expect(error.hint).toContain('auth "key" at https://checkout.test.paycom.uz');
  });
});

describe("the caller's signal", () => {
  it("aborted before sending: its reason is thrown and nothing is sent", async () => {
    const { client, server } = await connect(silent);
    const reason = new Error("the user left");
    const call = client.receipts.create(createArguments, { signal: AbortSignal.abort(reason) });
    expect(await failureOf(call)).toBe(reason);
    expect(server.connections()).toBe(0);
  });

  it("aborted after sending a write: unknown, marked as aborted, with the reason as cause", async () => {
    const controller = new AbortController();
    const reason = new Error("the user left");
    const { client } = await connect(() => controller.abort(reason));
    const call = client.rpc("receipts.cancel", { id: receiptId }, { class: "write", signal: controller.signal });
    const error = await failureOfType(PaymeOutcomeUnknownError, call);
    expect(error).toMatchObject({ aborted: true, method: "receipts.cancel", cause: reason });
  });

  it("aborted while a read waits: a connection error with the reason as cause, without repeats", async () => {
    const controller = new AbortController();
    const { client, server } = await connect(() => controller.abort());
    const call = client.receipts.check(receiptId, { signal: controller.signal });
    const error = await failureOfType(PaymeConnectionError, call);
    expect(error.cause).toBe(controller.signal.reason);
    expect(server.seen).toHaveLength(1);
  });

  it("aborted after the answer came changes nothing", async () => {
    const controller = new AbortController();
    const { client } = await connect(answering({ result: { state: 4 } }));
    expect(await client.receipts.check(receiptId, { signal: controller.signal })).toEqual({ state: 4 });
    controller.abort();
  });
});

describe("time limits", () => {
  it.each(timeouts)("%s: a write has an unknown outcome, a read may be asked again", async (_case, script) => {
    const { client, server } = await connect(script, { timeoutMs: 150 });
    const unknown = await failureOfType(PaymeOutcomeUnknownError, write(client));
    expect(unknown.message).toContain("within 150 ms");
    expect(unknown.aborted).toBe(false);
    await failureOfType(PaymeConnectionError, read(client));
    expect(server.seen).toHaveLength(2);
  });

  it("a call's own limit wins over the client's", async () => {
    const { client } = await connect(silent, { timeoutMs: 60_000 });
    const error = await failureOfType(PaymeConnectionError, client.receipts.check(receiptId, { timeoutMs: 50 }));
    expect(error.message).toContain("within 50 ms");
  });

  it("holds against a fetch that does not listen to its signal", async () => {
    const deaf: typeof fetch = () => new Promise(() => {});
    const { client } = await connect(silent, { fetch: deaf, timeoutMs: 50 });
    await failureOfType(PaymeOutcomeUnknownError, write(client));
  });
});
