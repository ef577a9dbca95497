import type { Random } from "../../src/testing/mock/random";
import { authorization } from "./send";

/** A request broken at the level of HTTP, and what its sender does once it is sent. */
export interface BrokenRequest {
  readonly bytes: Buffer;
  /** Goes away at once, with a FIN, or waits for what the server does. */
  readonly after: "destroy" | "end" | "wait";
}

/**
 * Requests that would book a transaction, had they arrived whole and right.
 *
 * @param body a call that a whole request would carry out.
 */
export function brokenRequest(random: Random, path: string, body: string): BrokenRequest {
  const below = (limit: number) => Math.floor(random() * limit);
  const head = (more: string, line = `POST ${path} HTTP/1.1`) =>
    `${line}\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n${more}\r\n`;
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const whole = head(length) + body;
  const cut = () => whole.slice(0, below(whole.length));
  const waits = (text: string): BrokenRequest => ({ bytes: Buffer.from(text, "latin1"), after: "wait" });
  const leaves = (text: string): BrokenRequest => ({
    bytes: Buffer.from(text),
    after: random() < 0.5 ? "destroy" : "end",
  });
  const kinds: (() => BrokenRequest)[] = [
    () => leaves(cut()),
    () => leaves(cut()),
    () => leaves(head(`Content-Length: ${Buffer.byteLength(body) + 1 + below(100)}\r\n`) + body),
    () => leaves(`${head("Transfer-Encoding: chunked\r\n")}${body.length.toString(16)}\r\n${body}\r\n`),
    () => leaves(`${head("Transfer-Encoding: chunked\r\n")}${(body.length + 9).toString(16)}\r\n${body}`),
    () => waits(`${head("Transfer-Encoding: chunked\r\n")}zz\r\n${body}\r\n0\r\n\r\n`),
    () => waits(head(`${length}Transfer-Encoding: chunked\r\n`) + body),
    () => waits(head("Content-Length: -1\r\n") + body),
    () => waits(head("Content-Length: 1\r\nContent-Length: 2\r\n") + body),
    () => waits(head(`Content-Length: ${"9".repeat(30)}\r\n`) + body),
    () => waits(head(length, `POST ${path} HTTP/9.9`) + body),
    () => waits(head(length, `post ${path} HTTP/1.1`) + body),
    () => waits(head(length, `POST /a b c HTTP/1.1`) + body),
    () => waits(head(`${length}X: a\u0000b\r\n`) + body),
    () => waits(head(`${length}no colon at all\r\n`) + body),
    () => waits(head(`${length}X: ${"x".repeat(20_000)}\r\n`) + body),
    () => waits(`POST ${path} HTTP/1.1\r\nAuthorization: ${authorization}\r\n${length}\r\n${body}`),
    () => waits(`\u0016\u0003\u0001${whole}`),
    () => leaves(String.fromCharCode(...Array.from({ length: 1 + below(500) }, () => below(128)))),
  ];
  const kind = kinds[below(kinds.length)] ?? (() => leaves(cut()));
  return kind();
}
