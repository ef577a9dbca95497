const HIDDEN = "[hidden]";
/** Card numbers by the ways they begin (Uzcard, HUMO, international), with or without spaces: not times, not amounts. */
const CARD_NUMBER = /(?<![\d.])(8600|9860|5614|6262|5440|[45]\d{3})([ -]?)\d{4}\2\d{4}\2(\d{4})(?!\d)/g;
/** Shorter texts would be found inside of ordinary words. */
const SHORTEST_FORM = 6;
const TOKEN = /eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;

/**
 * Makes a text fit for the log: hides the given secrets in every form that they are likely to take, tokens, and the middle
 * of card numbers. The last line of defence: nothing writes them on purpose.
 */
export function scrubber(secrets: readonly string[]): (line: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].filter((form) => form.length >= SHORTEST_FORM);
  // The longest first: a form may hold another.
  forms.sort((one, other) => other.length - one.length);
  return (line) =>
    forms
      .reduce((text, form) => text.replaceAll(form, HIDDEN), line)
      .replace(TOKEN, HIDDEN)
      .replace(CARD_NUMBER, "$1********$3");
}

/** As it is, in JSON text, in an address, and in base64 at each of the three offsets that it may have there. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64url");
    // Characters that neighbours share are left out.
    const inner = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [inner, inner.replaceAll("-", "+").replaceAll("_", "/")];
  });
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), ...base64];
}
