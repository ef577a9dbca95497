/** Why a request may not see or use the console; undefined where it may. */
export function refusalOf(request: Request): string | undefined {
  const host = request.headers.get("host") ?? new URL(request.url).host;
  if (!isLoopback(host)) return `the console is for this machine: open it at localhost, not at ${host}`;
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const origin = request.headers.get("origin");
  const isOwn = origin === null || origin === `http://${host}`;
  const site = request.headers.get("sec-fetch-site") ?? "same-origin";
  return isOwn && (site === "same-origin" || site === "none") ? undefined : "another page may not use the console";
}

/**
 * True for names of this machine. A page elsewhere can point a name of its own at 127.0.0.1 (DNS rebinding), and its requests come
 * with that name: they get nothing.
 */
function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}
