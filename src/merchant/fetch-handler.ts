import type { MerchantRequest } from "./gate";
import type { MerchantReply } from "./merchant-api";

interface Endpoint {
  readonly limitBytes: number;
  handle(request: MerchantRequest): Promise<MerchantReply>;
}

/** Answers a `Request` with a `Response`, whatever its body is and whoever has read it. */
export function fetchHandler({ handle, limitBytes }: Endpoint) {
  return async (request: Request, { address }: { address?: string | undefined } = {}): Promise<Response> => {
    const { method, headers } = request;
    const reply = await handle({ method, headers, address, ...(await readBody(request, limitBytes)) });
    const body = typeof reply.body === "string" ? reply.body : streamOf(reply.body);
    return new Response(body, { headers: { ...reply.headers } });
  };
}

/** How much of a body over the limit is read and dropped, so that the answer reaches a sender that is still writing. */
const DROPPED_BYTES = 4 * 1024 * 1024;

type Read = Pick<MerchantRequest, "body" | "isTooLarge" | "isBodyLost">;

/** The body's bytes, as far as they may be read. */
async function readBody(request: Request, limitBytes: number): Promise<Read> {
  if (request.bodyUsed) return { body: undefined, isBodyLost: true };
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.byteLength;
      if (length <= limitBytes) chunks.push(chunk);
      if (length > limitBytes + DROPPED_BYTES) break;
    }
  } catch {
    // The sender has gone: what came is no JSON, and nobody reads the answer.
    return { body: "" };
  }
  return length > limitBytes ? { body: undefined, isTooLarge: true } : { body: Buffer.concat(chunks) };
}

function streamOf(pieces: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
