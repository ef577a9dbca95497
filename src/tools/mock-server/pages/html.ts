/** Text made harmless for HTML, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** HTML that is safe as it stands. */
export class Html {
  constructor(readonly text: string) {}
}

/** HTML whose inserted values are escaped, but for {@link Html} and lists of it. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, index) => text + inserted(values[index - 1]) + part));
}

type HtmlValue = string | number | Html | readonly Html[] | undefined;

function inserted(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  return typeof value === "object" ? value.map((each) => each.text).join("") : escapeHtml(String(value));
}

/** A link that a page may offer: http(s) only; undefined for anything else. */
export function safeLink(link: string | null): string | undefined {
  if (link === null || !URL.canParse(link)) return undefined;
  return ["http:", "https:"].includes(new URL(link).protocol) ? link : undefined;
}
