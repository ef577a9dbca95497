/** The credentials of a Basic `Authorization` header. */
export interface BasicCredentials {
  readonly login: string;
  readonly password: string;
}

/** Reads an `Authorization` header; undefined for another scheme. A password may have colons: the first one splits. */
export function basicCredentials(header: string | undefined): BasicCredentials | undefined {
  const [, encoded = ""] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? "") ?? [];
  const text = decodeBase64(encoded);
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Empty for what is not the Base64 of UTF-8. */
function decodeBase64(encoded: string): string {
  try {
    const units = atob(encoded);
    const bytes = new Uint8Array(units.length);
    for (let n = 0; n < units.length; n += 1) bytes[n] = units.charCodeAt(n);
    return utf8.decode(bytes);
  } catch {
    return "";
  }
}
