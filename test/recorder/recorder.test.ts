import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createPaymeClient } from "../../src/entry/client";
import { parseWebhook, signPayload } from "../../src/entry/gateway";
import { som } from "../../src/kit/money";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { recording, sendChunked, targetServer } from "./kit";

const json = (body: unknown) => ({ method: "POST", body: JSON.stringify(body) });

describe("bytes pass unchanged", () => {
  it("so that the signature of a notification is still right behind the recorder", async () => {
    const body =
      '{ "method":"receipts.pay",\n "params":{"id":"64f8a1b2c3d4e5f6a7b8c9d0","amount":5000000,"note":"Тўлов 1.0"}}';
    const signature = signPayload(body, "secret-of-the-shop");
    const target = await targetServer((response, call) => {
      const event = parseWebhook(call.body, call.headers, { secret: "secret-of-the-shop" });
      response.end(JSON.stringify({ result: event.type }));
    });
    const { url, exchanges } = await recording(`${target.url}/payme/webhook`);
    const answer = await fetch(url, { method: "POST", body, headers: { "X-Auth-Signature": signature } });
    expect(await answer.text()).toBe('{"result":"payment.paid"}');
    expect(target.received).toMatchObject([{ path: "/payme/webhook", body }]);
    expect(exchanges).toMatchObject([
      {
        protocol: "notification",
        direction: "to_shop",
        request: { headers: { "x-auth-signature": "<64 hex hidden>" }, id: "absent" },
      },
    ]);
  });

  it.each(["key", "signature"] as const)("so that a client with auth %s is let in by Payme", async (auth) => {
    const mock = createMockPayme();
    const server = await mock.listen();
    const { url, exchanges, close } = await recording(server.url);
    const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, auth, apiUrl: url });
    const { _id: id } = await client.receipts.create({ amount: som(5), account: { order_id: 1 }, description: "Тест" });
    expect(mock.receipt(id)).toMatchObject({ amount: 500 });
    await close();
    await server.close();
    const header = auth === "key" ? "<id>:<key hidden>" : "<id>:<64 hex hidden>";
    expect(exchanges).toMatchObject([
      {
        n: 1,
        protocol: "subscribe",
        direction: "to_payme",
        outcome: "answered",
        request: {
          httpMethod: "POST",
          path: "/api",
          method: "receipts.create",
          id: "number",
          headers: { "x-auth": header, "content-type": "application/json" },
          body: { value: { params: { amount: 500, account: { order_id: 1 } } } },
        },
        response: { status: 200, id: "echoed", body: { value: { result: { receipt: { _id: id, state: 0 } } } } },
      },
    ]);
  });

  it("headers, too, but for those of one connection", async () => {
    const target = await targetServer((response) => {
      response.writeHead(207, "Odd", { "X-Trace": "1", "Set-Cookie": ["a=1", "b=2"], "Keep-Alive": "timeout=9" });
      response.end("{}");
    });
    const { url, exchanges } = await recording(target.url);
    const sending = request(`${url}/x?y=1`, {
      method: "POST",
      headers: {
        Authorization: "Basic UGF5Y29tOmtleS1vZi10aGUtc2hvcA==",
        "Test-Operation": "Paycom",
        Referer: "http://test.paycom.uz/?session=1",
        Connection: "x-hop",
        "X-Hop": "1",
        TE: "trailers",
        "Content-Type": "text/json; charset=UTF-8",
        "X-Custom": "kept",
      },
    });
    sending.end('{"method":"CheckTransaction","id":null}');
    const [answer] = await once(sending, "response");
    answer.resume();
    expect([answer.statusCode, answer.statusMessage]).toEqual([207, "Odd"]);
    expect(answer.headers).toMatchObject({ "x-trace": "1", "set-cookie": ["a=1", "b=2"] });
    const [got] = target.received;
    expect(got?.path).toBe("/x?y=1");
    expect(got?.headers).toMatchObject({
      authorization: "Basic UGF5Y29tOmtleS1vZi10aGUtc2hvcA==",
      "test-operation": "Paycom",
      referer: "http://test.paycom.uz/?session=1",
      "content-type": "text/json; charset=UTF-8",
      "x-custom": "kept",
      host: new URL(target.url).host,
    });
    expect(got?.headers).not.toHaveProperty("x-hop");
    expect(got?.headers).not.toHaveProperty("te");
    await once(answer, "end");
    expect(exchanges).toMatchObject([
      {
        protocol: "merchant",
        request: {
          path: "/x",
          id: "null",
          headers: {
            authorization: "Basic Paycom:<hidden>",
            "test-operation": "Paycom",
            referer: "http://test.paycom.uz/",
            "content-type": "text/json; charset=UTF-8",
          },
          otherHeaders: expect.arrayContaining(["x-custom", "host"]),
        },
        response: { status: 207, otherHeaders: expect.arrayContaining(["x-trace", "set-cookie"]) },
      },
    ]);
  });

  it("a body in chunks, without a length", async () => {
    const target = await targetServer((response) => {
      response.write('{"res');
      setTimeout(() => response.end('ult":1}'), 20);
    });
    const { url, exchanges } = await recording(target.url);
    expect(await sendChunked(url, ['{"method":', '"CheckTransaction"', "}"])).toEqual({
      status: 200,
      body: '{"result":1}',
    });
    expect(target.received[0]).toMatchObject({
      body: '{"method":"CheckTransaction"}',
      headers: { "content-length": "29" },
    });
    expect(exchanges[0]).toMatchObject({ request: { bytes: 29, method: "CheckTransaction" }, response: { bytes: 12 } });
  });

  it("an answer in gzip stays in gzip, and is read for the recording", async () => {
    const zipped = gzipSync('{"result":{"state":2}}');
    const target = await targetServer((response) =>
      response.writeHead(200, { "Content-Encoding": "gzip", "Content-Length": zipped.length }).end(zipped),
    );
    const { url, exchanges } = await recording(target.url);
    const sending = request(url, { method: "POST", headers: { "Accept-Encoding": "gzip" } }).end("{}");
    const [answer] = await once(sending, "response");
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(zipped);
    expect(exchanges[0]).toMatchObject({
      response: {
        bytes: zipped.length,
        headers: { "content-encoding": "gzip" },
        body: { kind: "json", value: { result: { state: 2 } } },
      },
    });
  });

  it("a megabyte each way", async () => {
    const params = { note: "ё".repeat(524_288) };
    const target = await targetServer((response, call) => response.end(call.body));
    const { url, exchanges } = await recording(target.url);
    const sent = JSON.stringify({ method: "GetStatement", params });
    const answer = await fetch(url, { method: "POST", body: sent });
    expect(await answer.text()).toBe(sent);
    expect(exchanges[0]).toMatchObject({
      request: { bytes: Buffer.byteLength(sent) },
      response: { body: { value: { params } } },
    });
  });

  it("two calls at once, each with its own answer", async () => {
    const waiting: (() => void)[] = [];
    const target = await targetServer(async (response, call) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        // The second lets both go, itself first.
        if (waiting.length === 2) for (const go of waiting.reverse()) go();
      });
      response.end(call.body);
    });
    const { url, exchanges } = await recording(target.url);
    const send = async (id: number) => (await fetch(url, json({ id, method: "CheckTransaction" }))).json();
    expect(await Promise.all([send(1), send(2)])).toMatchObject([{ id: 1 }, { id: 2 }]);
    expect(exchanges.map(({ n }) => n).sort()).toEqual([1, 2]);
    for (const { request: sent, response } of exchanges) expect(response?.body).toEqual(sent.body);
  });

  it("GET, HEAD and an answer without a body", async () => {
    const target = await targetServer((response, { method }) => {
      response.writeHead(method === "DELETE" ? 204 : 200).end(method === "GET" ? "hello" : undefined);
    });
    const { url, exchanges } = await recording(target.url);
    expect(await (await fetch(`${url}/health`)).text()).toBe("hello");
    expect((await fetch(`${url}/health`, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(`${url}/health`, { method: "DELETE" })).status).toBe(204);
    expect(exchanges.map(({ request: { httpMethod, body } }) => [httpMethod, body.kind])).toEqual([
      ["GET", "none"],
      ["HEAD", "none"],
      ["DELETE", "none"],
    ]);
    expect(exchanges[0]).toMatchObject({ protocol: "other", response: { body: { kind: "text", text: "hello" } } });
  });
});

describe("where calls go", () => {
  it.each([
    ["", "/api", "/api"],
    ["/payme", "/", "/payme"],
    ["/payme", "/?a=1", "/payme?a=1"],
    ["/payme", "/payme", "/payme"],
    ["/payme", "/paymentgate", "/payme/paymentgate"],
    ["/payme/", "/webhook", "/payme/webhook"],
    ["/payme/", "/", "/payme/"],
  ])("--to …%s and a call of %s: %s", async (base, path, expected) => {
    const target = await targetServer((response) => response.end("{}"));
    const { url } = await recording(`${target.url}${base}`);
    await fetch(`${url}${path}`, json({}));
    expect(target.received[0]?.path).toBe(expected);
  });

  it("an address with another host is refused: it is no open proxy", async () => {
    const target = await targetServer((response) => response.end("{}"));
    const { url, exchanges, ended } = await recording(target.url);
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.end("GET http://elsewhere.invalid/ HTTP/1.1\r\nHost: elsewhere.invalid\r\nConnection: close\r\n\r\n");
    const [answer] = await once(socket, "data");
    expect(String(answer)).toContain("400 Bad Request");
    await ended(1);
    expect(exchanges).toMatchObject([{ outcome: "refused", response: null }]);
    expect(target.received).toEqual([]);
  });
});

describe("what goes wrong is recorded as what it is", () => {
  it("a target that is not there: 502", async () => {
    const target = await targetServer(() => {});
    await target.close();
    const { url, exchanges } = await recording(target.url);
    const answer = await fetch(url, json({ method: "CheckTransaction" }));
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain("cannot be reached (ECONNREFUSED)");
    expect(exchanges).toMatchObject([{ outcome: "unreachable", problem: "ECONNREFUSED", response: null }]);
  });

  it("a target that hangs: 504", async () => {
    const target = await targetServer(() => {});
    const { url, exchanges } = await recording(target.url, { timeoutMs: 80 });
    expect((await fetch(url, json({}))).status).toBe(504);
    expect(exchanges).toMatchObject([{ outcome: "timeout", response: null }]);
  });

  it("a target that hangs in the middle of its answer: it is cut off", async () => {
    const target = await targetServer((response) => void response.writeHead(200).write('{"res'));
    const { url, exchanges, ended } = await recording(target.url, { timeoutMs: 80 });
    const answer = await fetch(url, json({}));
    await expect(answer.text()).rejects.toThrow();
    await ended(1);
    expect(exchanges).toMatchObject([
      { outcome: "timeout", response: { status: 200, body: { kind: "text", text: '{"res' } } },
    ]);
  });

  it("a target that drops the connection: 502, and broken", async () => {
    const target = await targetServer((response) => void response.socket?.destroy());
    const { url, exchanges } = await recording(target.url);
    expect((await fetch(url, json({}))).status).toBe(502);
    expect(exchanges).toMatchObject([{ outcome: "broken", problem: "ECONNRESET" }]);
  });

  it("a caller that goes away: the target sees it go, too", async () => {
    let gone: Promise<unknown> | undefined;
    const target = await targetServer((response) => {
      gone = once(response, "close");
    });
    const { url, exchanges, ended } = await recording(target.url);
    const caller = new AbortController();
    const answer = fetch(url, { ...json({ method: "PerformTransaction" }), signal: caller.signal });
    while (gone === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    caller.abort();
    await expect(answer).rejects.toThrow();
    await gone;
    await ended(1);
    expect(exchanges).toMatchObject([
      { outcome: "caller_gone", request: { method: "PerformTransaction" }, response: null },
    ]);
  });

  it("a caller that goes away before it has said all", async () => {
    const target = await targetServer((response) => response.end("{}"));
    const { url, exchanges, ended } = await recording(target.url);
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"key":"half of a secr');
    await once(socket, "ready");
    setTimeout(() => socket.destroy(), 50);
    await ended(1);
    expect(exchanges).toMatchObject([{ outcome: "caller_gone", request: { body: { kind: "incomplete" } } }]);
    expect(target.received).toEqual([]);
  });

  it("a call that is too large: 413, and not passed on", async () => {
    const target = await targetServer((response) => response.end("{}"));
    const { url, exchanges } = await recording(target.url);
    const answer = await fetch(url, { method: "POST", body: "x".repeat(9 * 1024 * 1024) });
    expect(answer.status).toBe(413);
    expect(exchanges).toMatchObject([{ outcome: "refused", request: { bytes: 9 * 1024 * 1024 } }]);
    expect(target.received).toEqual([]);
  });

  it("an answer that is too large passes, and only its size is kept", async () => {
    const target = await targetServer((response) => response.end("x".repeat(5 * 1024 * 1024)));
    const { url, exchanges } = await recording(target.url);
    expect((await (await fetch(url, json({}))).text()).length).toBe(5 * 1024 * 1024);
    expect(exchanges).toMatchObject([{ response: { bytes: 5 * 1024 * 1024, body: { kind: "too_large" } } }]);
  });

  it("a stop: what is under way ends at once, and is recorded", async () => {
    const target = await targetServer(() => {});
    const { url, exchanges, close } = await recording(target.url);
    const answer = fetch(url, json({ method: "PerformTransaction" }));
    answer.catch(() => {});
    while (target.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await close();
    await expect(answer).rejects.toThrow();
    expect(exchanges).toMatchObject([{ outcome: "interrupted", request: { method: "PerformTransaction" } }]);
  });
});
