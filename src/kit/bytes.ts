/**
 * The bytes of a value, in whatever view and of whatever realm: jsdom, Bun and gateways have a `Uint8Array` of their own. Undefined
 * for what is no bytes. Copies nothing.
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value !== "object") return undefined;
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return isBuffer(value) ? new Uint8Array(value) : undefined;
}

function isBuffer(value: unknown): value is ArrayBufferLike {
  return /^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}
