import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A request as it arrived, read to its end. */
export interface SeenRequest {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Decides what one request gets; may also cut the line. */
export type Script = (response: ServerResponse, request: SeenRequest, socket: Socket) => void;

/** A real HTTP server on a free port that does what the test says. */
export interface ScriptedServer {
  url: string;
  seen: SeenRequest[];
  /** How many connections were opened. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts a server that runs `script` for each request. */
export async function startServer(script: Script): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      const arrived = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") };
      seen.push(arrived);
      script(response, arrived, request.socket);
    });
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    seen,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The port of a listening server. */
export function portOf(address: AddressInfo | string | null): number {
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server does not listen on a port");
}

/** Answers every request with this JSON. */
export function answering(json: unknown, status = 200): Script {
  return (response) => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(json));
  };
}

/** Answers every request with this text and media type. */
export function answeringText(text: string, type = "text/html; charset=utf-8", status = 200): Script {
  return (response) => {
    response.writeHead(status, { "Content-Type": type }).end(text);
  };
}

/** Never answers. */
export const silent: Script = () => {};

/** Reads the request, then resets the connection. */
export const resetting: Script = (_response, _request, socket) => {
  socket.resetAndDestroy();
};

/** Sends half of an answer, then resets the connection. */
export const breakingOff: Script = (response, _request, socket) => {
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" });
  response.write('{"result":{"receipt":');
  setTimeout(() => socket.resetAndDestroy(), 20);
};
