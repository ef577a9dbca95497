import { basicCredentials } from "../../protocol/basic-auth";
import type { RecordedHeaders } from "./recording";
import type { Vault } from "./vault";

/** Headers as Node gives them: name, value, name, value. */
export type RawHeaders = readonly string[];

/** Whose values say something about the protocol and nothing about anybody. */
const SHOWN = new Set(["accept", "content-type", "content-encoding", "referer", "test-operation", "user-agent"]);
const CREDENTIALS: Readonly<Record<string, (value: string) => string>> = {
  authorization: authorizationScheme,
  "x-auth": xAuthScheme,
  "x-auth-signature": (value) => (isSignature(value) ? "<64 hex hidden>" : "<hidden>"),
};

/** Puts the secrets of a request's headers into the vault. */
export function learnHeaders(raw: RawHeaders, vault: Vault): void {
  for (const [name, value] of pairsOf(raw)) for (const secret of secretsIn(name, value)) vault.learn(secret);
}

function secretsIn(name: string, value: string): string[] {
  if (name === "authorization") {
    const { login, password } = basicCredentials(value) ?? {};
    const encoded = value.replace(/^\S+\s+/, "");
    return [encoded, ...(password === undefined ? [] : [password, `${login}:${password}`])];
  }
  if (name === "x-auth") {
    const colon = value.indexOf(":");
    return colon < 0 ? [] : [value, value.slice(colon + 1)];
  }
  if (name === "cookie" || name === "set-cookie") {
    const parts = value.split(";");
    // Behind a cookie that is set stand its attributes, which are no secrets.
    return (name === "cookie" ? parts : parts.slice(0, 1)).map((part) => part.slice(part.indexOf("=") + 1));
  }
  return name === "x-auth-signature" || name === "proxy-authorization" ? [value] : [];
}

/** Headers for a recording: never a value that proves who somebody is, only its scheme. */
export function redactHeaders(raw: RawHeaders, vault: Vault): RecordedHeaders {
  const headers: Record<string, string> = {};
  const others = new Set<string>();
  for (const [name, value] of pairsOf(raw)) {
    const scheme = CREDENTIALS[name];
    if (scheme !== undefined) headers[name] = scheme(value);
    else if (SHOWN.has(name)) headers[name] = vault.text(name === "referer" ? (value.split(/[?#]/)[0] ?? "") : value);
    else others.add(vault.text(name));
  }
  return { headers, otherHeaders: [...others].sort() };
}

function pairsOf(raw: RawHeaders): [name: string, value: string][] {
  return Array.from({ length: Math.floor(raw.length / 2) }, (_, at) => [
    (raw[at * 2] ?? "").toLowerCase(),
    raw[at * 2 + 1] ?? "",
  ]);
}

function authorizationScheme(value: string): string {
  const credentials = basicCredentials(value);
  if (credentials !== undefined) return `Basic ${credentials.login === "Paycom" ? "Paycom" : "<login>"}:<hidden>`;
  return /^(Basic|Bearer)\b/i.test(value) ? `${value.slice(0, 6)} <hidden>` : "<hidden>";
}

function xAuthScheme(value: string): string {
  const colon = value.indexOf(":");
  if (colon < 0) return "<id>";
  return isSignature(value.slice(colon + 1)) ? "<id>:<64 hex hidden>" : "<id>:<key hidden>";
}

function isSignature(value: string): boolean {
  return /^[0-9a-f]{64}$/i.test(value);
}
