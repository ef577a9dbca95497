import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { DroppedConnection } from "../../testing/mock/refusal";
import { listenOn } from "../listen-on";

/** Where to serve a mock. */
export interface ServeOptions {
  /** Default: any that is free. */
  port?: number | undefined;
  /** Default 127.0.0.1: only this machine. */
  host?: string | undefined;
}

/** A mock that is served. */
export interface MockServer {
  readonly url: string;
  readonly port: number;
  /** Stops at once, connections that are kept open included. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Serves a function from requests to responses over HTTP. A dropped connection is dropped for real. */
export async function serve(
  answer: (request: Request) => Promise<Response>,
  { port = 0, host = "127.0.0.1" }: ServeOptions = {},
): Promise<MockServer> {
  const server = createServer((request, response) => {
    respond(answer, request, response).catch((error: unknown) => {
      if (error instanceof DroppedConnection || response.headersSent) request.socket.destroy();
      else response.writeHead(500, { Connection: "close" }).end();
    });
  });
  return {
    ...(await listenOn(server, { port, host })),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  answer: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === undefined) {
    outgoing.writeHead(413, { Connection: "close" }).end();
    return;
  }
  const request = requestOf(incoming, body);
  if (request === undefined) {
    outgoing.writeHead(400, { Connection: "close" }).end();
    return;
  }
  const response = await answer(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

/** The body; undefined where it is too large. What is over the limit is read to its end, so that a caller reads the answer. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

/** The request as `fetch` knows it; undefined for one that it cannot be: TRACE, an address that is none. */
function requestOf(incoming: IncomingMessage, body: Buffer): Request | undefined {
  const method = incoming.method ?? "GET";
  const headers = Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  const hasBody = method !== "GET" && method !== "HEAD";
  // The host that a caller names is not to be trusted with making URLs: only the path matters here.
  const path = (incoming.url ?? "/").replace(/^\/+/, "/");
  try {
    return new Request(new URL(path, "http://mock.invalid"), {
      method,
      headers,
      ...(hasBody ? { body: new Uint8Array(body) } : {}),
    });
  } catch {
    return undefined;
  }
}
