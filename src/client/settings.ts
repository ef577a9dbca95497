import { isLoopback } from "../kit/loopback";
import { API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST, type Mode } from "../protocol/hosts";
import type { XAuthKind } from "./x-auth";

/** The API's default address, without `/api`. It depends on the scheme, because the guide has a sandbox of its own. */
export function defaultApiBase(auth: XAuthKind, mode: Mode): string {
  if (mode === "live") return API_HOST_LIVE;
  return auth === "key" ? API_HOST_TEST : GUIDE_API_HOST_TEST;
}

/** An address without a trailing `/` or `/api`: people paste both forms. */
export function trimApiUrl(url: string): string {
  return url
    .replace(/\/+$/, "")
    .replace(/\/api$/, "")
    .replace(/\/+$/, "");
}

/**
 * The problem of an API address, as the end of a sentence; undefined where it has none.
 * Plain http is for this machine only, because the header carries the key.
 */
export function apiUrlProblem(url: unknown, allowInsecureHttp: boolean): string | undefined {
  const parsed = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) return "is not a URL; give one like https://checkout.paycom.uz";
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") return "must begin with https://";
  if (parsed.username !== "" || parsed.password !== "") return "must not hold a user name or a password";
  if (parsed.search !== "" || parsed.hash !== "") return "must end before any ? or #";
  if (parsed.protocol === "http:" && !allowInsecureHttp && !isLoopback(parsed.hostname)) {
    return "would send the key unencrypted; use https:// (http:// is for this machine only, or with allowInsecureHttp)";
  }
  return undefined;
}

/** True for a page to which a browser may be sent: never `javascript:` or `data:`. */
export function isWebUrl(value: unknown): value is string {
  return typeof value === "string" && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

/** The problem of a cashbox's id, as the end of a sentence that never repeats the id; undefined where it has none. */
export function merchantIdProblem(merchantId: unknown): string | undefined {
  const problem = textProblem(merchantId, "the id of the cashbox from the Payme cabinet (24 characters)");
  if (problem !== undefined) return problem;
  if (/^[\x21-\x39\x3b-\x7e]+$/.test(String(merchantId))) return undefined;
  return "holds a colon, a space or a character that no header can carry; give the id alone, without the key";
}

/** The problem of a key, as the end of a sentence that never repeats the key; undefined where it has none. */
export function keyProblem(key: unknown, auth: XAuthKind): string | undefined {
  const problem = textProblem(key, "the key of the cashbox from the Payme cabinet");
  if (problem !== undefined || auth === "signature") return problem;
  if (/^[\x20-\x7e]+$/.test(String(key))) return undefined;
  return "holds a character that no HTTP header can carry; copy the key again";
}

function textProblem(value: unknown, what: string): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return `is missing; give ${what}`;
  if (value !== value.trim()) return "has white space around it; remove it (a line end from copying, most often)";
  return undefined;
}
