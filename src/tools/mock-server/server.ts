import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { DroppedConnection } from "../../testing/mock/refusal";
import { listenOn } from "../listen-on";

/** Options of `mock.listen`. */
export interface ServeOptions {
  /** Default: any free port. */
  port?: number | undefined;
  /** Default 127.0.0.1: only this machine. */
  host?: string | undefined;
}

/** A mock that listens on a port. */
export interface MockServer {
  readonly url: string;
  readonly port: number;
  /** Stops at once, and closes all connections. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Serves a function that answers requests over HTTP. `DroppedConnection` breaks the connection. */
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
  const request = body && requestOf(incoming, body);
  if (request === undefined) {
    outgoing.writeHead(body === undefined ? 413 : 400, { Connection: "close" }).end();
    return;
  }
  const response = await answer(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

/** Reads the body; undefined where it is too large. It is still read to its end, so that the caller reads the answer. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

/** The request for `fetch`; undefined where `fetch` does not allow it: TRACE, or a wrong address. */
function requestOf(incoming: IncomingMessage, body: Buffer): Request | undefined {
  const method = incoming.method ?? "GET";
  const headers = Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  const hasBody = method !== "GET" && method !== "HEAD";
  // The caller's host is not trusted in URLs: only the path matters here.
  const path = (incoming.url ?? "/").replace(/^\/+/, "/");
  try {
    const init = { method, headers, ...(hasBody ? { body: new Uint8Array(body) } : {}) };
    return new Request(new URL(path, "http://mock.invalid"), init);
  } catch {
    return undefined;
  }
}
