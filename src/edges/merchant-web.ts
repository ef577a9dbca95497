import type { MerchantEndpoint, ReadBody } from "./merchant-endpoint";
import { readWebBody } from "./read-web-body";

/** What an edge knows of a request besides the `Request` itself. */
export interface FetchContext {
  /** The caller's address, as far as you trust who told it; needed with `allowFrom` only. */
  readonly address?: string | undefined;
}

/** Answers a `Request` with a `Response`, whatever its body is and whoever has read it. */
export async function answerMerchantRequest(
  merchant: MerchantEndpoint,
  request: Request,
  { address }: FetchContext = {},
): Promise<Response> {
  const { method, headers } = request;
  const read = await readBody(request, merchant.limitBytes);
  const reply = await merchant.handle({ method, headers, address, ...read });
  const body = typeof reply.body === "string" ? reply.body : streamOf(reply.body);
  return new Response(body, { headers: { ...reply.headers } });
}

async function readBody(request: Request, limitBytes: number): Promise<ReadBody> {
  const body = await readWebBody(request, limitBytes);
  if (body === "lost") return { body: undefined, isBodyLost: true };
  if (body === "too large") return { body: undefined, isTooLarge: true };
  // What came of it is no JSON, and nobody reads the answer.
  return { body: body === "gone" ? "" : body };
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
