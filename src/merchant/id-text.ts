const NULL_ID = "null";

/**
 * A request's `id` as JSON text, to be echoed as it came; undefined for what is no id: an object, a list, a boolean.
 *
 * @param text the request's JSON, where a number that JavaScript cannot hold is found as it was written.
 */
export function idTextOf(id: unknown, text: string): string | undefined {
  if (id === undefined || id === null) return NULL_ID;
  if (typeof id === "string") return JSON.stringify(id);
  if (typeof id !== "number") return undefined;
  if (Number.isSafeInteger(id)) return String(id);
  // Where a parser came first, the text is lost; and Infinity is no JSON.
  return writtenNumber("id", text) ?? (Number.isFinite(id) ? String(id) : NULL_ID);
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:]/g;

/** The number of a top-level member in the very digits of the text, which is known to be JSON; the last one counts. */
function writtenNumber(member: string, text: string): string | undefined {
  let depth = 0;
  let written: string | undefined;
  let [key, colon] = ["", ""];
  for (const [token] of text.matchAll(TOKEN)) {
    if (depth === 1 && colon === ":" && /^[-\d]/.test(token) && JSON.parse(key) === member) written = token;
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (token !== ":") key = token.startsWith('"') ? token : '""';
    colon = token;
  }
  return written;
}
