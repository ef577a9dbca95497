import { Html, html } from "./html";
import { LANGUAGES, type Language, languageOf } from "./language";
import { ownOnlyPolicy } from "./own-only-policy";
import { PAGE_SCRIPT } from "./script";
import { PAGE_STYLE } from "./style";
import { texts } from "./texts";

/** The longest form that a page reads, in characters. */
export const MAX_FORM_LENGTH = 16_384;

/** How often a page without a script asks whether a payment has come to its end. */
const REFRESH_SECONDS = 3;

/** What a page can be besides its content. */
export interface PageOptions {
  /** Default 200. */
  readonly status?: number | undefined;
  /** It shows something that will change: it is loaded again until it no longer says so. */
  readonly isPending?: boolean | undefined;
}

const POLICY = ownOnlyPolicy(PAGE_STYLE, PAGE_SCRIPT);

/** A whole page around its content. It loads nothing from anywhere, and runs nothing but its own script. */
export function page(request: Request, content: Html, { status = 200, isPending = false }: PageOptions = {}): Response {
  const language = languageOf(request);
  const document = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title[language]} · Payme mock</title>
<style>${new Html(PAGE_STYLE)}</style>
${isPending ? html`<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}"></noscript>` : undefined}
</head>
<body>
<p class="test">${texts.test[language]}</p>
${languageSwitch(request, language)}
<main data-busy="${texts.busy[language]}" data-offline="${texts.offline[language]}" ${isPending ? new Html("data-pending") : undefined}>
${content}
</main>
<script>${new Html(PAGE_SCRIPT)}</script>
</body>
</html>`;
  return new Response(document.text, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": POLICY,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

/** The same address in the other languages, with all that stands in its query. */
function languageSwitch(request: Request, current: Language): Html | undefined {
  // A posted checkout form has no address that could be opened again.
  if (new URL(request.url).pathname === "/") return undefined;
  const linkTo = (language: Language) => {
    const { searchParams } = new URL(request.url);
    searchParams.set("lang", language);
    return `?${searchParams}`;
  };
  const links = LANGUAGES.map(
    ([language, name]) =>
      html`<a href="${linkTo(language)}" hreflang="${language}" lang="${language}" ${language === current ? new Html('aria-current="true"') : undefined}>${name}</a>`,
  );
  return html`<nav class="languages" aria-label="${texts.language[current]}">${links}</nav>`;
}
