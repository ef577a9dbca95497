/** A network failure without secrets: it holds the system's code and nothing of the error's message. */
export interface NetworkFailure {
  /** True where no connection was made, so that no byte of the request can have left. */
  neverReached: boolean;
  /** The system's code, e.g. `ECONNREFUSED`; the error's name where it has none. */
  code: string;
}

/** Codes that arise only before a connection stands. ECONNRESET, EPIPE and ETIMEDOUT also arise later. */
const BEFORE_CONNECTING = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const CERTIFICATE =
  /^(CERT_|UNABLE_TO_|ERR_TLS_|(DEPTH_ZERO_)?SELF_SIGNED_CERT|ERROR_IN_CERT_|HOSTNAME_MISMATCH$|INVALID_(CA|PURPOSE)$|CRL_|PATH_LENGTH_EXCEEDED$)/;
/** The two sides share no version of TLS. Other ERR_SSL codes also arise in the middle of a connection. */
const HANDSHAKE =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|.*HANDSHAKE_FAILURE|.*ALERT_PROTOCOL_VERSION|PACKET_LENGTH_TOO_LONG)$/;
const CONNECTING_CALLS = new Set(["connect", "getaddrinfo"]);
const MAX_CAUSES = 8;

/** Tells from an error of `fetch` whether Payme can have received the request. In doubt, it can have. */
export function networkFailureOf(error: unknown): NetworkFailure {
  const chain = causesOf(error);
  const code = chain.map(codeOf).find((found) => found !== undefined);
  return { neverReached: chain.some(isBeforeConnecting), code: code ?? nameOf(error) };
}

function causesOf(error: unknown): object[] {
  const chain: object[] = [];
  for (let cause = error; isObject(cause) && chain.length < MAX_CAUSES; cause = Reflect.get(cause, "cause")) {
    chain.push(cause);
  }
  return chain;
}

function isBeforeConnecting(error: object): boolean {
  // Several addresses were tried: Payme was not reached only if each attempt failed so.
  const attempts: unknown = Reflect.get(error, "errors");
  if (Array.isArray(attempts) && attempts.length > 0) {
    return attempts.every((attempt) => isObject(attempt) && isBeforeConnecting(attempt));
  }
  if (CONNECTING_CALLS.has(String(Reflect.get(error, "syscall")))) return true;
  const code = codeOf(error);
  return code !== undefined && (BEFORE_CONNECTING.has(code) || CERTIFICATE.test(code) || HANDSHAKE.test(code));
}

function codeOf(error: object): string | undefined {
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error && /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : "unknown failure";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
