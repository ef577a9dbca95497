import type { ServerResponse } from "node:http";
import { isPaymeError } from "../kit/errors";
import { BodyTooLargeError } from "./body-errors";
import type { NodeRequest } from "./merchant-node";
import { readRawBody } from "./read-node-body";

/** The part of the operator's page that edges need. `adminHandler` returns one. */
export type AdminEndpoint = (request: Request) => Promise<Response>;

/** The operator's page as Node, Express 4 and 5 and Nest take it. */
export type NodeAdminHandler = (
  request: NodeRequest & { url?: string | undefined; originalUrl?: string | undefined },
  response: ServerResponse,
) => Promise<void>;

const LIMIT_BYTES = 64 * 1024;

/**
 * Serves the operator's page with `node:http`. Never rejects.
 *
 * @example createServer(nodeAdmin(admin)).listen(8000, "127.0.0.1");
 */
export function nodeAdmin(admin: AdminEndpoint): NodeAdminHandler {
  return async (incoming, outgoing) => {
    try {
      const request = await requestOf(incoming);
      if (request === undefined) return void outgoing.writeHead(400).end();
      const response = await admin(request);
      const body = Buffer.from(await response.arrayBuffer());
      const length = { "Content-Length": body.byteLength };
      outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...length });
      outgoing.end(incoming.method === "HEAD" ? undefined : body);
    } catch (error) {
      const status = error instanceof BodyTooLargeError ? 413 : 400;
      // A body parser that kept no bytes is a mistake of the shop: its developer reads what to do.
      if (!outgoing.headersSent) outgoing.writeHead(status).end(isPaymeError(error) ? (error.hint ?? "") : "");
    }
  };
}

/** The request for `fetch`; undefined for an address or a method that it does not take. */
async function requestOf(incoming: Parameters<NodeAdminHandler>[0]): Promise<Request | undefined> {
  const { method = "GET", headers, originalUrl, url = "/" } = incoming;
  const address = `http://${headers.host ?? "localhost"}${(originalUrl ?? url).replace(/^\/*/, "/")}`;
  if (!URL.canParse(address) || /^(TRACE|CONNECT|TRACK)$/i.test(method)) return undefined;
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) sent.set(name, [value].flat().join(", "));
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? new Uint8Array(await readRawBody(incoming, { limitBytes: LIMIT_BYTES })) : null;
  return new Request(address, { method, headers: sent, body });
}
