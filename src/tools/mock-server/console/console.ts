import { Html, html } from "../pages/html";
import { ownOnlyPolicy } from "../pages/own-only-policy";
import { MAX_FORM_LENGTH } from "../pages/page";
import { act, type ConsoleTools, type Done } from "./actions";
import type { Changes } from "./changes";
import { CONSOLE_SCRIPT } from "./console-script";
import { CONSOLE_STYLE } from "./console-style";
import { consoleView } from "./console-view";
import { refusalOf } from "./guard";

/** How long a page waits for a change before it asks anew. */
const PATIENCE_MS = 20_000;

const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": ownOnlyPolicy(CONSOLE_STYLE, CONSOLE_SCRIPT),
  "Cache-Control": "no-store",
  // With "no-referrer" a browser would send its own forms with the origin "null", as another page's.
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
};

/** Answers the console: for this machine only, and for no other page's requests. Keys, tokens, codes and whole card numbers are not on it. */
export async function answerConsole(tools: ConsoleTools, changes: Changes, request: Request): Promise<Response> {
  const refusal = refusalOf(request);
  if (refusal !== undefined) return new Response(`${refusal}\n`, { status: 403 });
  const { pathname, searchParams } = new URL(request.url);
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (pathname === "/console/changes") {
    const count = await changes.next(Number(searchParams.get("seen") ?? -1), PATIENCE_MS);
    return new Response(String(count), { headers: { "Cache-Control": "no-store" } });
  }
  if (!isRead && request.method !== "POST")
    return new Response(null, { status: 405, headers: { Allow: "GET, HEAD, POST" } });
  const form = isRead ? "" : await request.text();
  if (form.length > MAX_FORM_LENGTH) return new Response(null, { status: 413 });
  const done = isRead ? undefined : await act(tools, new URLSearchParams(form));
  return pageOf(tools, changes, Number(searchParams.get("page") ?? 1) || 1, done);
}

function pageOf(tools: ConsoleTools, changes: Changes, page: number, done: Done | undefined): Response {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Console · Payme mock</title>
<style>${new Html(CONSOLE_STYLE)}</style>
</head>
<body>
<p class="test">This is a test: no money is taken</p>
<header><h1>Payme, played by payme-kit</h1><span id="live"><noscript>load the page again to see what is new</noscript></span></header>
${consoleView(tools, { page, done, count: changes.count() })}
<script>${new Html(CONSOLE_SCRIPT)}</script>
</body>
</html>`;
  return new Response(document.text, { headers: HEADERS });
}
