import { isLoopback } from "../../../kit/loopback";

/** The host that a request names, and its name without the port. */
export function hostOf(request: Request): { readonly host: string; readonly name: string } {
  const host = (request.headers.get("host") ?? new URL(request.url).host).toLowerCase();
  return { host, name: host.replace(/:\d{1,5}$/, "") };
}

/** The reason why a press of a button may not be carried out: another page sent it. Undefined where it may. */
export function refusalOfPress(request: Request): string | undefined {
  const { host, name } = hostOf(request);
  // Anybody may point a name of theirs at this machine (DNS rebinding). An address, or a name without a dot, is nobody's.
  if (request.headers.has("host") && !isLoopback(name) && /\.[^.]*[^.\d]/.test(name))
    return `the mock takes no press at ${host}: open it at localhost or at an IP address`;
  const origin = request.headers.get("origin");
  const isOwn = origin === null || (URL.canParse(origin) && new URL(origin).host === host);
  const site = request.headers.get("sec-fetch-site") ?? "same-origin";
  return isOwn && (site === "same-origin" || site === "none") ? undefined : "another page may not press these buttons";
}
