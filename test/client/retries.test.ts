import { describe, expect, it } from "vitest";
import { PaymeConnectionError, PaymeOutcomeUnknownError, PaymeValidationError } from "../../src/kit/errors";
import { connect, failureOfType, read, receiptId, write } from "./kit";
import { answering, answeringText, resetting, type Script } from "./scripted-server";

/** Resets the first connections, then answers. */
function failingFirst(times: number): Script {
  let failed = 0;
  return (response, request, socket) => {
    failed += 1;
    if (failed <= times) resetting(response, request, socket);
    else answering({ result: { state: 4 } })(response, request, socket);
  };
}

describe("only a read whose connection failed is repeated", () => {
  it("twice, with the same request, longer pauses each time", async () => {
    const pauses: number[] = [];
    const { client, server } = await connect(failingFirst(2), { sleep: async (ms) => void pauses.push(ms) });
    expect(await read(client)).toEqual({ state: 4 });
    expect(server.seen).toHaveLength(3);
    expect(new Set(server.seen.map(({ body }) => body)).size).toBe(1);
    expect(pauses).toEqual([250, 1000]);
  });

  it("not a third time", async () => {
    const { client, server } = await connect(failingFirst(3));
    await failureOfType(PaymeConnectionError, read(client));
    expect(server.seen).toHaveLength(3);
  });

  it("as often as retries says; 0 means never", async () => {
    const { client, server } = await connect(failingFirst(1), { retries: 0 });
    await failureOfType(PaymeConnectionError, read(client));
    expect(server.seen).toHaveLength(1);
  });

  it("never a write", async () => {
    const { client, server } = await connect(failingFirst(1), { retries: 5 });
    await failureOfType(PaymeOutcomeUnknownError, write(client));
    expect(server.seen).toHaveLength(1);
  });

  it("never a write by rpc, a read by rpc like any other", async () => {
    const first = await connect(failingFirst(1));
    await failureOfType(PaymeOutcomeUnknownError, first.client.rpc("a.b", {}, { class: "write" }));
    expect(first.server.seen).toHaveLength(1);
    const second = await connect(failingFirst(1));
    expect(await second.client.rpc("a.b", {}, { class: "read" })).toEqual({ state: 4 });
    expect(second.server.seen).toHaveLength(2);
  });

  it.each([
    ["a refusal", answering({ error: { code: -32400, message: "system error" } })],
    ["HTTP 503", answeringText("<html>", "text/html", 503)],
    ["HTML", answeringText("<html>")],
  ])("not after %s: Payme was reached", async (_case, script) => {
    const { client, server } = await connect(script);
    await expect(read(client)).rejects.toThrow();
    expect(server.seen).toHaveLength(1);
  });

  it("not past the time limit, which covers all attempts", async () => {
    const never = () => new Promise<void>(() => {});
    const { client, server } = await connect(resetting, {
      timeoutMs: 100,
      sleep: (_ms, signal) => Promise.race([never(), rejection(signal)]),
    });
    const error = await failureOfType(PaymeConnectionError, read(client));
    expect(error.message).toContain("within 100 ms");
    expect(server.seen).toHaveLength(1);
  });
});

describe("a call that is ended in the pause before a repeat", () => {
  it("ends, even where the next attempt would not listen", async () => {
    const controller = new AbortController();
    let asked = 0;
    const failsThenHangs: typeof fetch = () => {
      asked += 1;
      return asked === 1 ? Promise.reject(new TypeError("fetch failed")) : new Promise(() => {});
    };
    const { client } = await connect(resetting, { fetch: failsThenHangs, sleep: async () => controller.abort() });
    const call = client.receipts.check(receiptId, { signal: controller.signal });
    await failureOfType(PaymeConnectionError, call);
  });
});

describe("a write cannot be passed off as a read", () => {
  it.each(["receipts.create", "receipts.pay", "cards.verify"])("%s", async (method) => {
    const { client, server } = await connect(answering({ result: {} }));
    const error = await failureOfType(PaymeValidationError, client.rpc(method, { id: receiptId }, { class: "read" }));
    expect(error.message).toContain('"write"');
    expect(server.seen).toHaveLength(0);
  });

  it.each([
    ["", {}, { class: "read" }],
    ["receipts get", {}, { class: "read" }],
    ["receipts.get", "text", { class: "read" }],
    ["receipts.get", [], { class: "read" }],
    ["receipts.get", {}, { class: "both" }],
    ["receipts.get", {}, undefined],
    ["receipts.get", { big: 1n }, { class: "read" }],
  ])("rpc(%j, %o, %j) is refused before anything is sent", async (...args) => {
    const { client, server } = await connect(answering({ result: {} }));
    await failureOfType(PaymeValidationError, Reflect.apply(client.rpc, undefined, args));
    expect(server.seen).toHaveLength(0);
  });

  it("rpc gives a result of any shape, null too", async () => {
    const { client } = await connect(answering({ result: null }));
    expect(await client.rpc("a.b", {}, { class: "write" })).toBeNull();
  });
});

function rejection(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}
