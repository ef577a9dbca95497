import { frameOf, readForm } from "../html/frame";
import { type Html, html } from "../html/html";
import { LANGUAGES, languageOf } from "../html/language";
import { isPaymeError, PaymeConfigError } from "../kit/errors";
import { stackOf } from "../ledger";
import { act, type Said } from "./actions";
import { paymentPage } from "./payment-page";
import { ADMIN_SCRIPT } from "./script";
import { searchPage } from "./search-page";
import { ADMIN_STYLE } from "./style";
import { todayPage } from "./today-page";
import { type AdminParts, momentOf, type Operator, shown, type View } from "./view";
import { waitingPage } from "./waiting-page";
import { type TextKey, textIn } from "./words";

/** Options of {@link adminHandler}. */
export interface AdminOptions extends AdminParts {
  /**
   * Says who asks, and what that person may do: `refund` is refunds and cancels, `resolve` the rest. Null: nobody is let in.
   * It is called for every request.
   */
  authorize(request: Request): Promise<Operator | null> | Operator | null;
  /** The name of the shop. Default `"Payme"`. */
  title?: string | undefined;
}

/** The operator's page, for `Request` and `Response`. */
export type AdminHandler = (request: Request) => Promise<Response>;

const PAGES = { search: searchPage, waiting: waitingPage, today: todayPage, payment: paymentPage } as const;
const NAVIGATION = ["search", "waiting", "today"] as const;

const frame = frameOf(ADMIN_STYLE, ADMIN_SCRIPT);

/**
 * Creates the operator's page: search, a payment with its story, what waits for a person, and the figures of the day. GET
 * changes nothing; a press is a POST of the page itself, and an event `admin.*` with the person's name.
 *
 * @throws PaymeConfigError where `authorize` or `payments` is missing.
 * @example
 * const admin = adminHandler({ payments, outbox, authorize: (request) => operatorOf(request) });
 * app.use("/admin", expressAdmin(admin));
 */
export function adminHandler(options: AdminOptions): AdminHandler {
  const { authorize, title = "Payme", payments } = options;
  if (typeof authorize !== "function") {
    throw new PaymeConfigError("adminHandler: give authorize: without it anybody could refund", {
      hint: 'adminHandler({ payments, authorize: (request) => ({ name: "Aziza", can: ["read"] }) }), from your own session.',
    });
  }
  // A program without types may leave it out.
  if (payments?.books === undefined) throw new PaymeConfigError("adminHandler: give payments");
  const { logger, now, newId } = payments.books;

  /** A page that says one thing. */
  function plain(request: Request, status: number, text: TextKey, hint = ""): Response {
    const language = languageOf(request);
    const body = html`<main><h1>${textIn(language)(text)}</h1><p>${hint}</p></main>`;
    return frame({ language, title, status, body });
  }

  async function answer(request: Request): Promise<Response> {
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!isRead && request.method !== "POST") {
      return new Response(null, { status: 405, headers: { Allow: "GET, HEAD, POST" } });
    }
    if (!isRead && !isOwn(request)) return plain(request, 403, "foreign");
    const operator = await authorize(request);
    if (operator === null) return plain(request, 401, "signIn");
    if (!operator.can.includes("read")) return plain(request, 403, "mayNot");
    const form = isRead ? undefined : await readForm(request);
    if (!isRead && form === undefined) return plain(request, 413, "failed");
    const parameters = new URL(request.url).searchParams;
    const language = languageOf(request);
    const t = textIn(language);
    const view: View = {
      language,
      operator,
      now: now(),
      press: newId(),
      t,
      link: (wanted) => `?${new URLSearchParams({ lang: language, ...wanted })}`,
    };
    const said = form && (await act(options, operator, form));
    const name = (["payment", "waiting", "today"] as const).find((page) => page === parameters.get("page")) ?? "search";
    const content = await PAGES[name](view, options, parameters);
    const status = said?.status ?? (content === undefined ? 404 : 200);
    const body = html`<a class="skip" href="#main">${t(name)}</a>
${header(view, title, name, parameters)}
<main id="main">${said && saidView(view, said)}${content ?? html`<h1>${t("gone")}</h1>`}</main>`;
    return frame({ language, title: `${t(name)} · ${title}`, body, status });
  }

  return async (request) => {
    try {
      return await answer(request);
    } catch (error) {
      logger.error("the operator's page failed", { stack: stackOf(error) });
      // What Payme or the books could not do just now is no fault of the page.
      const hint = isPaymeError(error) && error.code !== "CONFIG_INVALID" ? error.code : "";
      return plain(request, hint === "" ? 500 : 503, "broken", hint);
    }
  };
}

/** True for a press on a page of ours. Browsers send Origin with every POST; a name that another page took on has another host. */
function isOwn(request: Request): boolean {
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const origin = request.headers.get("origin") ?? "";
  const site = request.headers.get("sec-fetch-site") ?? "same-origin";
  return site === "same-origin" && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

function header(view: View, title: string, current: string, parameters: URLSearchParams): Html {
  const { t, language, link, operator } = view;
  const pages = NAVIGATION.map(
    (page) =>
      html`<a href="${link({ page })}" ${page === current ? html`aria-current="page"` : undefined}>${t(page)}</a>`,
  );
  // What a person looked for may be a phone: it is in no address.
  const kept = [...parameters].filter(([name, value]) => name !== "q" || shown(value) === value);
  const languages = LANGUAGES.map(
    ([lang, name]) =>
      html`<a href="${link({ ...Object.fromEntries(kept), lang })}" hreflang="${lang}" lang="${lang}" ${lang === language ? html`aria-current="true"` : undefined}>${name}</a>`,
  );
  return html`<header><div class="bar"><b>${title}</b><nav aria-label="${t("pages")}">${pages}</nav>
<nav aria-label="${t("languages")}">${languages}</nav><small>${shown(operator.name)}</small></div></header>`;
}

function saidView({ t }: View, { text, more, first, status }: Said): Html {
  const who = first && html`<p>${t("first")}: ${shown(first.by)}, ${momentOf(first.at)}</p>`;
  return html`<div class="said ${status === 200 ? "good" : "bad"}" role="status" tabindex="-1"><p>${t(text)} ${shown(more ?? "")}</p>${who}</div>`;
}
