/** Escapes text for HTML content and quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** HTML that is inserted without escaping. */
export class Html {
  constructor(readonly text: string) {}
}

/** Makes HTML. Inserted values are escaped, except {@link Html} and lists of it. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, index) => text + inserted(values[index - 1]) + part));
}

/** A value that can be inserted into HTML. */
export type HtmlValue = string | number | Html | readonly Html[] | undefined;

function inserted(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  return typeof value === "object" ? value.map((each) => each.text).join("") : escapeHtml(String(value));
}

/** Returns an http(s) link; undefined for any other text. */
export function safeLink(link: string | null): string | undefined {
  if (link === null || !URL.canParse(link)) return undefined;
  return ["http:", "https:"].includes(new URL(link).protocol) ? link : undefined;
}
