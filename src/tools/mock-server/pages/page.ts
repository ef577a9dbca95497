import { frameOf } from "../../../html/frame";
import { Html, html } from "../../../html/html";
import { LANGUAGES, type Language, languageOf } from "../../../html/language";
import { PAGE_SCRIPT } from "./script";
import { PAGE_STYLE } from "./style";
import { texts } from "./texts";

/** How often a page without a script asks whether a payment has ended. */
const REFRESH_SECONDS = 3;

/** Options of a page besides its content. */
interface PageOptions {
  /** Default 200. */
  readonly status?: number | undefined;
  /** The payment has not ended: the page is loaded again until it has. */
  readonly isPending?: boolean | undefined;
}

const frame = frameOf(PAGE_STYLE, PAGE_SCRIPT);

/** Returns a whole page around its content. */
export function page(request: Request, content: Html, { status, isPending = false }: PageOptions = {}): Response {
  const language = languageOf(request);
  const head = html`<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}"></noscript>`;
  const body = html`<p class="test">${texts.test[language]}</p>
${languageSwitch(request, language)}
<main data-busy="${texts.busy[language]}" data-offline="${texts.offline[language]}" ${isPending ? new Html("data-pending") : undefined}>
${content}
</main>`;
  return frame({
    language,
    title: `${texts.title[language]} · Payme mock`,
    head: isPending ? head : undefined,
    body,
    status,
  });
}

/** Links to the same address in the other languages, with the same query. */
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
