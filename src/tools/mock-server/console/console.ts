import { frameOf, readForm } from "../../../html/frame";
import { html } from "../../../html/html";
import { isLoopback } from "../../../kit/loopback";
import { hostOf, refusalOfPress } from "../pages/refusal-of-press";
import { act, type ConsoleTools } from "./actions";
import type { Changes } from "./changes";
import { CONSOLE_SCRIPT } from "./console-script";
import { CONSOLE_STYLE } from "./console-style";
import { consoleView } from "./console-view";
import { filterOf } from "./filter";

/** How long a page waits for a change before it asks again. */
const PATIENCE_MS = 20_000;

const frame = frameOf(CONSOLE_STYLE, CONSOLE_SCRIPT);

/** Answers the console: only for this machine, and only for its own pages. It shows no keys, tokens, codes or whole card numbers. */
export async function answerConsole(tools: ConsoleTools, changes: Changes, request: Request): Promise<Response> {
  const refusal = refusalOf(request);
  if (refusal !== undefined) return new Response(`${refusal}\n`, { status: 403 });
  const { pathname, searchParams } = new URL(request.url);
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (pathname === "/console/changes") {
    const count = await changes.next(Number(searchParams.get("seen") ?? -1), PATIENCE_MS);
    return new Response(String(count), { headers: { "Cache-Control": "no-store" } });
  }
  if (!isRead && request.method !== "POST") {
    return new Response(null, { status: 405, headers: { Allow: "GET, HEAD, POST" } });
  }
  const form = isRead ? new URLSearchParams() : await readForm(request);
  if (form === undefined) return new Response(null, { status: 413 });
  const done = isRead ? undefined : await act(tools, form);
  const page = Number(searchParams.get("page") ?? 1) || 1;
  const body = html`<p class="test">This is a test: no money is taken</p>
<header><h1>Payme, played by payme-kit</h1><span id="live"><noscript>load the page again to see what is new</noscript></span></header>
${consoleView(tools, { page, filter: filterOf(searchParams), done, count: changes.count() })}`;
  return frame({ language: "en", title: "Console · Payme mock", body, status: done?.status });
}

/** The reason why a request may not use the console; undefined where it may. */
function refusalOf(request: Request): string | undefined {
  const { host, name } = hostOf(request);
  if (!isLoopback(name)) return `the console is only for this machine: open it at localhost, not at ${host}`;
  return request.method === "GET" || request.method === "HEAD" ? undefined : refusalOfPress(request);
}
