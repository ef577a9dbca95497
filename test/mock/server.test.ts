import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";
import type { MockServer, ServeOptions } from "../../src/tools/mock-server/server";
import { createReceipt, openMock, UZCARD } from "./kit";

const open: MockServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function listen(mock: MockPayme, options?: ServeOptions): Promise<MockServer> {
  const server = await mock.listen(options);
  open.push(server);
  return server;
}

function post({ merchantId, key }: MockPayme, url: string, body: string | Uint8Array, headers = {}) {
  return fetch(`${url}/api`, { method: "POST", body, headers: { "X-Auth": `${merchantId}:${key}`, ...headers } });
}

const CREATE =
  '{"id":1,"method":"receipts.create","params":{"amount":100,"account":{"order_id":"ў"},"description":"чой"}}';

describe("the mock over HTTP", () => {
  it("answers the API and the page", async () => {
    const { mock } = openMock();
    const { url } = await listen(mock);
    const response = await post(mock, url, CREATE);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject({ id: 1, result: { receipt: { description: "чой" } } });
    const [receipt] = mock.receipts();
    const page = await fetch(`${url}/payment/${receipt?._id}?lang=uz`);
    expect(await page.text()).toContain("чой");
    const body = new URLSearchParams({ ...UZCARD, action: "pay" });
    expect((await fetch(`${url}/${receipt?._id}`, { method: "POST", body })).status).toBe(200);
    expect(mock.receipt(receipt?._id ?? "")).toMatchObject({ state: 4 });
  });

  it("is reached from this machine only, at any free port, unless told", async () => {
    const { url, port } = await listen(openMock().mock);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(port).toBeGreaterThan(0);
  });

  it("a port in use is an error", async () => {
    const { port } = await listen(openMock().mock);
    await expect(openMock().mock.listen({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it.each(["drop_before", "drop_after"] as const)("%s breaks the connection", async (kind) => {
    const { mock } = openMock();
    const { url } = await listen(mock);
    mock.faults.add({ kind, times: 1 });
    await expect(post(mock, url, CREATE)).rejects.toThrow("fetch failed");
    expect(mock.receipts()).toHaveLength(kind === "drop_after" ? 1 : 0);
    expect((await post(mock, url, CREATE)).status).toBe(200);
  });

  it("a body over one MiB is 413, whether its length is told or not, and the caller can read that", async () => {
    const { mock } = openMock();
    const { url } = await listen(mock);
    const large = new Uint8Array(3 * 1024 * 1024).fill(32);
    expect((await post(mock, url, large)).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 3; part += 1) controller.enqueue(large.subarray(0, 1024 * 1024));
        controller.close();
      },
    });
    const { merchantId, key } = mock;
    const headers = { "X-Auth": `${merchantId}:${key}` };
    const streamed = { method: "POST", headers, body: stream, duplex: "half" } as const;
    expect((await fetch(`${url}/api`, streamed)).status).toBe(413);
    expect(mock.exchanges).toEqual([]);
  });

  it.each([
    ["TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 [45]\d\d /],
    ["GET http://[bad HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["GET //evil.example/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 404 /],
    ["GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 404 /],
    ["nonsense\r\n\r\n", /^HTTP\/1\.1 400 /],
  ])("%j is answered, not left to hang", async (raw, answer) => {
    const { port } = await listen(openMock().mock);
    expect(await exchange(port, raw)).toMatch(answer);
  });

  it("a caller that goes away in the middle leaves it well", async () => {
    const { mock } = openMock();
    const { url, port } = await listen(mock);
    const socket = connect(port, "127.0.0.1");
    socket.write("POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect((await post(mock, url, CREATE)).status).toBe(200);
    expect(mock.receipts()).toHaveLength(1);
  });

  it("closes although connections are kept open and a call is under way, and can be closed twice", async () => {
    const { mock } = openMock({ sleep: () => new Promise(() => undefined) });
    const server = await listen(mock);
    const idle = await keptOpen(server.port);
    mock.faults.add({ kind: "delay", delayMs: 60_000 });
    const underway = post(mock, server.url, CREATE).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // The call under way would never end by itself.
    await Promise.all([server.close(), server.close()]);
    expect(await underway).toBeInstanceOf(TypeError);
    await expect.poll(() => idle.destroyed).toBe(true);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it("serves one mock at several ports, and each closes alone", async () => {
    const { mock } = openMock();
    const [one, other] = [await listen(mock), await listen(mock)];
    const { _id } = await createReceipt(mock);
    await one.close();
    expect((await fetch(`${other.url}/${_id}`)).status).toBe(200);
  });
});

/** All that is answered to raw bytes. */
function exchange(port: number, raw: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(raw));
    socket.setEncoding("utf8").setTimeout(5_000, () => socket.destroy(new Error("no answer")));
    socket.on("data", (part) => {
      answer += part;
    });
    socket.on("close", () => resolve(answer)).on("error", reject);
  });
}

/** A connection that had one answer and is kept open for more. */
function keptOpen(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    socket.once("data", () => resolve(socket)).on("error", reject);
  });
}
