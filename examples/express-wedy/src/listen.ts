import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** How long requests in flight may take to finish once the server stops: longer than the longest call to Payme. */
const GRACE_MS = 65_000;
/** A client that keeps its connection may be sending its next request: it gets an answer, and is told to close. */
const LAST_REQUEST_MS = 1_000;
/** Longer than proxies keep a connection (nginx a minute), or one sends a call into a connection that just closes. */
const KEEP_ALIVE_MS = 75_000;

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Takes no new connections, lets requests in flight finish, then resolves. */
  close(): Promise<void>;
}

/** Listens on a port; 0 takes a free one. @throws what the system says, e.g. `EADDRINUSE`. */
export async function listen(handler: RequestListener, port: number, host: string): Promise<Listening> {
  let isClosing = false;
  const [connected, busy] = [new Set<Socket>(), new Set<Socket>()];
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const { socket } = request;
    busy.add(socket);
    response.once("close", () => busy.delete(socket));
    // Whoever keeps a connection busy would keep the server from its end.
    if (isClosing) response.setHeader("Connection", "close");
    handler(request, response);
  });
  server.on("connection", (socket) => {
    connected.add(socket);
    socket.once("close", () => connected.delete(socket));
  });
  server.listen(port, host);
  await once(server, "listening");
  return { port: portOf(server), close };

  async function close(): Promise<void> {
    isClosing = true;
    const closed = once(server, "close");
    // Of net, not of http: that one resets connections at once that are kept alive.
    NetServer.prototype.close.call(server);
    await Promise.race([closed, wait(LAST_REQUEST_MS)]);
    // Nothing is under way on these: idle, or a request of which the head never ended.
    const idle = setInterval(() => {
      for (const socket of connected) if (!busy.has(socket)) socket.destroy();
    }, 50);
    const timeout = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await closed;
    clearInterval(idle);
    clearTimeout(timeout);
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
