/** The text of a body, or what stopped us from having it. */
export type BodyText = { text: string } | { problem: "too large" | "not UTF-8" };

/**
 * Reads an answer's body up to a limit, counted after decompression; the rest is refused, not read.
 *
 * @throws what the body's stream throws: the connection broke, or the call was ended.
 */
export async function readText(response: Response, limitBytes: number): Promise<BodyText> {
  if (response.body === null) return { text: "" };
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > limitBytes) {
      void reader.cancel().catch(() => {});
      return { problem: "too large" };
    }
    chunks.push(part.value);
  }
  return decode(chunks, size);
}

function decode(chunks: readonly Uint8Array[], size: number): BodyText {
  const [first] = chunks;
  const bytes = chunks.length === 1 && first !== undefined ? first : join(chunks, size);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "not UTF-8" };
  }
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}
