/** A POST as a curl command. */
export interface CurlCommand {
  readonly url: string;
  /** Values stand in double quotes, where the shell puts in what `${…}` and `$(…)` stand for. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body; marks of {@link secretMark} become variables of the shell. */
  readonly body: string;
  /** The body gets a name, `$BODY`, that a header can use. */
  readonly namesBody?: boolean | undefined;
}

const MARK = /<<(PAYME_[A-Z0-9_]+)>>/g;

/** What stands in a body for a secret that the shell is to put in. */
export function secretMark(variable: string): string {
  return `<<${variable}>>`;
}

/** The variables that a body's marks name. */
export function variablesOf(body: string): string[] {
  return [...new Set([...body.matchAll(MARK)].map(([, name = ""]) => name))];
}

/** The command, for a POSIX shell, over several lines. */
export function curlCommand({ url, headers, body, namesBody = false }: CurlCommand): string {
  const lines = [
    `curl -sS -X POST ${quoted(url)}`,
    ...headers.map(([name, value]) => `  -H "${name}: ${value}"`),
    `  --data-binary ${namesBody ? '"$BODY"' : quoted(body)}`,
  ];
  return `${namesBody ? `BODY=${quoted(body)}\n` : ""}${lines.join(" \\\n")}`;
}

/** A word that the shell leaves alone, but for its marks. */
function quoted(text: string): string {
  const word = `'${text.replaceAll("'", "'\\''")}'`;
  return word.replace(MARK, (_, name: string) => `'"\${${name}}"'`);
}
