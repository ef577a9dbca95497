import { once } from "node:events";
import { type Agent, type OutgoingHttpHeaders, request, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { KEY } from "../merchant/shop";

/** What is sent, with no header but those that are said here and by HTTP itself. */
export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Several pieces go out one by one, without a Content-Length. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly agent?: Agent | undefined;
}

/** What came back. */
export interface Got {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

export const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString("base64")}`;
export const authorization = basic(`Paycom:${KEY}`);

/** Sends one request and waits for its answer. */
export async function send(url: string, { method = "POST", headers = {}, body = "", agent }: Sent): Promise<Got> {
  const outgoing = request(url, { method, headers, ...(agent === undefined ? {} : { agent }) });
  const answered = once(outgoing, "response");
  if (typeof body === "string" || body instanceof Uint8Array) outgoing.end(body);
  else {
    for (const piece of body) outgoing.write(piece);
    outgoing.end();
  }
  const [response] = await answered;
  return { status: response.statusCode, type: response.headers["content-type"], text: await text(response) };
}

/** The port that a server got for itself. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
