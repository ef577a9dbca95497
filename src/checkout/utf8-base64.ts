/** Standard Base64 (padded) of a text's UTF-8 bytes, wherever it runs. */
export function utf8Base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
