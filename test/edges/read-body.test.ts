import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { BodyTooLargeError } from "../../src/edges/body-errors";
import { type BodyRequest, readRawBody } from "../../src/edges/read-node-body";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server whose handler reads one body after `before` has been at the request; `outcome` is what came of it. */
async function serve(before: (request: IncomingMessage) => unknown = () => {}, limitBytes = 100) {
  const { promise: outcome, resolve } = promiseOf<string | Error>();
  const server = createServer(async (request, response) => {
    await before(request);
    try {
      const bytes = await readRawBody(request, { limitBytes });
      resolve(Buffer.from(bytes).toString("utf8"));
    } catch (error) {
      resolve(error instanceof Error ? error : new Error(String(error)));
    }
    response.end();
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const send = (body: string) => fetch(`http://127.0.0.1:${port}`, { method: "POST", body });
  return { port, send, outcome };
}

function promiseOf<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A request that fails its test where anybody listens to it: its bytes are kept elsewhere. */
function keptRequest(kept: { body?: unknown; rawBody?: unknown }): BodyRequest {
  const untouchable = () => {
    throw new Error("the stream was touched");
  };
  return {
    on: untouchable,
    off: untouchable,
    resume: untouchable,
    destroyed: false,
    readableEnded: true,
    headers: {},
    ...kept,
  };
}

describe("readRawBody never waits for ever", () => {
  it("when the sender has gone before anybody read", async () => {
    const { port, outcome } = await serve(async (request) => {
      while (!request.destroyed) await pause(5);
      // Past the "close" event too: nothing will come any more.
      await pause(20);
    });
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{");
    await pause(30);
    socket.destroy();
    expect(String(await outcome)).toContain("the sender went away");
  }, 5_000);

  it("when somebody has read the body and kept nothing, not even an empty object", async () => {
    const { send, outcome } = await serve(async (request) => {
      for await (const _chunk of request);
    });
    await send("{}");
    const error = await outcome;
    expect(error).toMatchObject({ hint: expect.stringContaining("before express.json()") });
  }, 5_000);
});

describe("readRawBody of a parsed body", () => {
  it("is refused where the stream was never read, as serverless hosts hand it over: what was signed is gone", async () => {
    const request = { ...keptRequest({ body: { method: "receipts.pay" } }), readableEnded: false };
    await expect(readRawBody(request, { limitBytes: 100 })).rejects.toMatchObject({
      name: "PaymeValidationError",
      hint: expect.stringContaining("rawBody"),
    });
  });

  it("is the stream's bytes where the parser left an empty object and read nothing", async () => {
    const { send, outcome } = await serve((request) => Object.assign(request, { body: {} }));
    await send('{"a":1}');
    expect(await outcome).toBe('{"a":1}');
  });
});

describe("readRawBody refuses more than the limit", () => {
  it.each([100, 0])("and takes exactly %i bytes", async (limitBytes) => {
    const right = await serve(() => {}, limitBytes);
    await right.send("x".repeat(limitBytes));
    expect(await right.outcome).toBe("x".repeat(limitBytes));

    const over = await serve(() => {}, limitBytes);
    await over.send("x".repeat(limitBytes + 1));
    expect(await over.outcome).toBeInstanceOf(BodyTooLargeError);
  });

  it("counted in bytes, not in characters, also where somebody has set an encoding", async () => {
    const { send, outcome } = await serve((request) => request.setEncoding("utf8"));
    await send("ў".repeat(51));
    expect(await outcome).toBeInstanceOf(BodyTooLargeError);
  });

  it("for kept bytes too", async () => {
    expect(await readRawBody(keptRequest({ body: Buffer.alloc(100) }), { limitBytes: 100 })).toHaveLength(100);
    await expect(readRawBody(keptRequest({ body: Buffer.alloc(101) }), { limitBytes: 100 })).rejects.toBeInstanceOf(
      BodyTooLargeError,
    );
  });

  it("where the Content-Length lies about less, by what really comes", async () => {
    const { port, outcome } = await serve(() => {}, 10);
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let chunk = 0; chunk < 3; chunk += 1) socket.write("5\r\nxxxxx\r\n");
    expect(await outcome).toBeInstanceOf(BodyTooLargeError);
    socket.destroy();
  });
});

describe("readRawBody gives", () => {
  it("the bytes, however the chunks were cut", async () => {
    const { port, outcome } = await serve();
    const body = Buffer.from('{"a":"ўў"}');
    const socket = connect(port, "127.0.0.1").setNoDelay(true);
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    for (const byte of body) {
      socket.write(Uint8Array.of(byte));
      await pause(1);
    }
    expect(await outcome).toBe('{"a":"ўў"}');
    socket.destroy();
  });

  it("the text's bytes where somebody has set an encoding", async () => {
    const { send, outcome } = await serve((request) => request.setEncoding("utf8"));
    await send('{"a":"ў"}');
    expect(await outcome).toBe('{"a":"ў"}');
  });

  it.each([
    ["rawBody before body, as Nest keeps both", { rawBody: Buffer.from("raw"), body: { parsed: true } }],
    ["the Buffer of express.raw", { body: Buffer.from("raw") }],
    ["the text of express.text", { body: "raw" }],
    ["a view into a larger buffer", { body: new Uint8Array(Buffer.from("..raw..")).subarray(2, 5) }],
  ])("%s, without touching the stream", async (_name, kept) => {
    expect(Buffer.from(await readRawBody(keptRequest(kept), { limitBytes: 100 })).toString()).toBe("raw");
  });
});
