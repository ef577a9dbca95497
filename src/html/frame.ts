import { createHash } from "node:crypto";
import { Html, html } from "./html";

/** The longest form that a page reads, in characters. */
const MAX_FORM_LENGTH = 16_384;

/** The content of a page. */
interface PageParts {
  readonly language: string;
  readonly title: string;
  readonly body: Html;
  readonly head?: Html | undefined;
  readonly status?: number | undefined;
}

/** Returns a function that makes pages. They load nothing, and run no script but their own. */
export function frameOf(style: string, script: string): (page: PageParts) => Response {
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": ownOnlyPolicy(style, script),
    "Cache-Control": "no-store",
    // With "no-referrer" a browser would send our own forms with the origin "null", like another page's.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
  };
  return ({ language, title, body, head, status = 200 }) => {
    const document = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(style)}</style>
${head}
</head>
<body>
${body}
<script>${new Html(script)}</script>
</body>
</html>`;
    return new Response(document.text, { status, headers });
  };
}

/** Reads a posted form. Returns undefined for one that is too long. */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  const text = await request.text();
  return text.length > MAX_FORM_LENGTH ? undefined : new URLSearchParams(text);
}

/** A content security policy that allows one style and one script, by their hashes, and nothing else. */
function ownOnlyPolicy(style: string, script: string): string {
  const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
