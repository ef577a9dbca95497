import { Html, html } from "./html";
import { PAGE_STYLE, STYLE_POLICY } from "./style";
import { type Language, texts } from "./texts";

/** The longest form that a page reads, in characters. */
export const MAX_FORM_LENGTH = 16_384;

/** A whole page around its content, which loads nothing and runs nothing. */
export function page(language: Language, content: Html, status = 200): Response {
  const document = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title[language]} · Payme mock</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<p class="test">${texts.test[language]}</p>
<main>${content}</main>
</body>
</html>`;
  return new Response(document.text, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src ${STYLE_POLICY}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    },
  });
}
