import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { createServer } from "node:http";

/** How long requests in flight may take to finish once the server stops: longer than the longest call to Payme. */
const GRACE_MS = 65_000;

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Takes no new connections, lets requests in flight finish, then resolves. */
  close(): Promise<void>;
}

/** Listens on a port; 0 takes a free one. @throws what the system says, e.g. `EADDRINUSE`. */
export async function listen(handler: RequestListener, port: number, host: string): Promise<Listening> {
  let isClosing = false;
  const server = createServer((request, response) => {
    // Whoever keeps a connection busy would keep the server from its end.
    if (isClosing) response.setHeader("Connection", "close");
    handler(request, response);
  });
  server.listen(port, host);
  await once(server, "listening");
  return { port: portOf(server), close };

  async function close(): Promise<void> {
    isClosing = true;
    await closeServer(server);
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // Connections that are kept alive go as soon as their request is answered, and all of them when the time is over.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const timeout = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(timeout);
}
