import type { ServerResponse } from "node:http";
import { isPaymeError } from "../kit/errors";
import { BodyTooLargeError } from "./body-errors";
import { type NodeRequest, write } from "./merchant-node";
import { readRawBody } from "./read-node-body";

/** The operator's page as Node, Express 4 and 5 and Nest take it. */
export type NodeAdminHandler = (
  request: NodeRequest & { url?: string | undefined; originalUrl?: string | undefined },
  response: ServerResponse,
) => Promise<void>;

const LIMIT_BYTES = 64 * 1024;

/**
 * Serves the operator's page with `node:http`, and as `expressAdmin` in Express and Nest, below any path. Mount it before body
 * parsers, and behind your log-in. Never rejects.
 *
 * @example createServer(nodeAdmin(admin)).listen(8000, "127.0.0.1");
 */
export function nodeAdmin(admin: (request: Request) => Promise<Response>): NodeAdminHandler {
  return async (incoming, outgoing) => {
    try {
      const { method = "GET", originalUrl, url = "/" } = incoming;
      const address = `http://${incoming.headers.host ?? "localhost"}${(originalUrl ?? url).replace(/^\/*/, "/")}`;
      const headers = Object.entries(incoming.headers).flatMap(([name, value = []]) =>
        [value].flat().map((each): [string, string] => [name, each]),
      );
      const isRead = method === "GET" || method === "HEAD";
      const body = isRead ? null : new Uint8Array(await readRawBody(incoming, { limitBytes: LIMIT_BYTES }));
      const response = await admin(new Request(address, { method, headers, body }));
      const sent = { status: response.status, headers: Object.fromEntries(response.headers) };
      await write(outgoing, { ...sent, body: await response.text() });
    } catch (error) {
      const status = error instanceof BodyTooLargeError ? 413 : 400;
      // A body parser that kept no bytes is a mistake of the shop: its developer reads what to do.
      if (!outgoing.headersSent) outgoing.writeHead(status).end(isPaymeError(error) ? (error.hint ?? "") : "");
    }
  };
}
