import { DROPPED_BYTES } from "./body-errors";

/** What could be read of a `Request`: its bytes; `lost`, since somebody has read it; `too large`; or `gone` with its sender. */
export type WebBody = Uint8Array | "lost" | "too large" | "gone";

/** Reads the bytes of a `Request`, up to a limit. Never waits for a body that was read already. */
export async function readWebBody(request: Request, limitBytes: number): Promise<WebBody> {
  if (request.bodyUsed) return "lost";
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.byteLength;
      if (length <= limitBytes) chunks.push(chunk);
      if (length > limitBytes + DROPPED_BYTES) break;
    }
  } catch {
    return "gone";
  }
  return length > limitBytes ? "too large" : Buffer.concat(chunks);
}
