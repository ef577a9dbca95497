import type { IncomingMessage } from "node:http";
import { bytesOf } from "../kit/bytes";
import { BodyTooLargeError, bodyWasParsed, senderGone } from "./body-errors";

/** A request of Node, Express or Nest: a body parser may have read it before. */
export interface BodyRequest
  extends Pick<IncomingMessage, "on" | "off" | "resume" | "destroyed" | "readableEnded" | "headers"> {
  /** The value of a body parser. */
  body?: unknown;
  /** The bytes, where the framework keeps them (Nest's `rawBody: true`). */
  rawBody?: unknown;
}

/**
 * Returns the bytes of a body: from the request, or as a raw parser kept them. Never waits for a body that was read before.
 *
 * @throws BodyTooLargeError when it is larger than `limitBytes`.
 * @throws PaymeValidationError when a body parser has read it and kept no bytes, or the sender went away.
 */
export async function readRawBody(request: BodyRequest, limits: { limitBytes: number }): Promise<Uint8Array> {
  const kept = keptBytes(request.rawBody) ?? keptBytes(request.body);
  if (kept !== undefined) return checkLength(kept, limits.limitBytes);
  if (isBodyLost(request) || isParsed(request.body)) {
    throw bodyWasParsed("Mount this handler before express.json(), or keep the bytes in request.rawBody.");
  }
  // Its events are over: a listener would wait for ever.
  if (request.destroyed) throw senderGone();
  if (Number(request.headers["content-length"] ?? 0) > limits.limitBytes) {
    request.resume();
    throw new BodyTooLargeError(limits.limitBytes);
  }
  return readStream(request, limits.limitBytes);
}

/** True where something has read the body to its end and kept no bytes. */
export function isBodyLost({ body, rawBody, readableEnded }: BodyRequest): boolean {
  return readableEnded && keptBytes(rawBody) === undefined && keptBytes(body) === undefined;
}

/** True for an object with members. Some parsers leave an empty object where they did not read. */
export function isParsed(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.keys(body).length > 0;
}

function keptBytes(kept: unknown): Uint8Array | undefined {
  return typeof kept === "string" ? Buffer.from(kept) : bytesOf(kept);
}

function checkLength(bytes: Uint8Array, limitBytes: number): Uint8Array {
  if (bytes.byteLength > limitBytes) throw new BodyTooLargeError(limitBytes);
  return bytes;
}

function readStream(request: BodyRequest, limitBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (end: () => void) => {
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      end();
    };
    const onData = (chunk: Buffer | string) => {
      // Text comes after a call of setEncoding.
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      length += bytes.length;
      chunks.push(bytes);
      if (length <= limitBytes) return;
      settle(() => reject(new BodyTooLargeError(limitBytes)));
      // The rest is read and dropped: the answer must reach a sender that is still writing.
      request.resume();
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks)));
    const onGone = () => settle(() => reject(senderGone()));
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}
