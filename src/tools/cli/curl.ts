/** A POST request to print as curl. */
export interface CurlCommand {
  readonly url: string;
  /** The values stand in double quotes, so the shell replaces `${…}` and `$(…)` in them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body. Marks of {@link secretMark} become variables of the shell. */
  readonly body: string;
  /** Puts the body into the variable `$BODY`, for use in a header. */
  readonly namesBody?: boolean | undefined;
}

const MARK = /<<(PAYME_[A-Z0-9_]+)>>/g;

/** The mark of a secret in a body, which becomes a variable of the shell. */
export function secretMark(variable: string): string {
  return `<<${variable}>>`;
}

/** The variables in a body's marks. */
export function variablesOf(body: string): string[] {
  return [...new Set([...body.matchAll(MARK)].map(([, name = ""]) => name))];
}

/** The command for a POSIX shell, on several lines. */
export function curlCommand({ url, headers, body, namesBody = false }: CurlCommand): string {
  const lines = [
    `curl -sS -X POST ${quoted(url)}`,
    ...headers.map(([name, value]) => `  -H "${name}: ${value}"`),
    `  --data-binary ${namesBody ? '"$BODY"' : quoted(body)}`,
  ];
  return `${namesBody ? `BODY=${quoted(body)}\n` : ""}${lines.join(" \\\n")}`;
}

/** A word in which the shell replaces only the marks. */
function quoted(text: string): string {
  const word = `'${text.replaceAll("'", "'\\''")}'`;
  return word.replace(MARK, (_, name: string) => `'"\${${name}}"'`);
}
