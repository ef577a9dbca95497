/**
 * The endpoint to certify: an address, a function from requests to responses, or an object with such a function as `fetch`
 * (an app of Hono, a server of Bun).
 */
export type CertifiedEndpoint =
  | string
  | URL
  | ((request: Request) => Response | Promise<Response>)
  | { fetch(request: Request): Response | Promise<Response> };

/** An endpoint that is ready for calls. */
export interface ReachableEndpoint {
  readonly url: string;
  send(request: Request): Promise<Response>;
}

/** The address of an endpoint in this process. */
const IN_PROCESS_URL = "http://localhost/payme";

/** Prepares an endpoint. @throws TypeError unless its address is a URL of http or https. */
export function reach(endpoint: CertifiedEndpoint): ReachableEndpoint {
  if (typeof endpoint === "function") return { url: IN_PROCESS_URL, send: async (request) => endpoint(request) };
  if (typeof endpoint === "object" && !(endpoint instanceof URL)) {
    return { url: IN_PROCESS_URL, send: async (request) => endpoint.fetch(request) };
  }
  const url = new URL(endpoint);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError(`${url.protocol} is neither http: nor https:`);
  return { url: url.href, send: (request) => fetch(onItsOwnConnection(request)) };
}

/** Some servers close a connection a moment after an answer: a call on a kept one would be lost, and must not be repeated. */
function onItsOwnConnection(request: Request): Request {
  request.headers.set("Connection", "close");
  return request;
}

/** The Authorization of a call. */
export interface Credentials {
  /** The header; undefined for a call without one. */
  readonly header: string | undefined;
  /** The form in a report. No report holds a key. */
  readonly shownAs: string;
  /** The forms in which an endpoint may repeat them. No report holds these either. */
  readonly hidden: readonly string[];
}

/** Credentials of HTTP Basic. */
export function basic(login: string, password: string, shownAs: string): Credentials {
  const encoded = Buffer.from(`${login}:${password}`).toString("base64");
  const hidden = [encoded, ...formsOf(password)];
  return { header: `Basic ${encoded}`, shownAs: `Basic ${shownAs}`, hidden };
}

/** The credentials that Payme sends. */
export function rightCredentials(key: string): Credentials {
  return basic("Paycom", key, "base64(Paycom:<key>)");
}

/** The credentials that Payme's sandbox sends under «Неверная авторизация». The password contains a colon. */
export const SANDBOX_WRONG_CREDENTIALS = basic(
  "Paycom",
  "Uzcard:someRandomString1545343543545",
  "base64(Paycom:Uzcard:someRandomString1545343543545)",
);

/** No header. */
export const NO_CREDENTIALS: Credentials = { header: undefined, shownAs: "(none)", hidden: [] };

/** Removes keys from a text, in each form in which an endpoint may repeat one. */
export function scrubber(...keys: readonly string[]): (text: string) => string {
  const forms = keys.flatMap((key) => [Buffer.from(`Paycom:${key}`).toString("base64"), ...formsOf(key)]);
  return (text) => hide(text, forms, "<key>");
}

/** Puts `instead` in place of these parts of a text. */
export function hide(text: string, parts: readonly string[], instead: string): string {
  return parts.filter((part) => part !== "").reduce((hidden, part) => hidden.replaceAll(part, instead), text);
}

function formsOf(secret: string): readonly string[] {
  if (secret === "") return [];
  const base64 = Buffer.from(secret).toString("base64");
  return [base64, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), secret];
}
