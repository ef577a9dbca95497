import { isLoopback } from "../kit/loopback";
import { API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST, type Mode } from "../protocol/hosts";
import type { XAuthKind } from "./x-auth";

/** The API's address without `/api`, where none is given: it depends on the scheme, for the guide has a sandbox of its own. */
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
 * What is wrong with an API address, as the end of a sentence; undefined where nothing is.
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
