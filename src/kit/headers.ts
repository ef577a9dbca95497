/** Headers in the form of fetch (any implementation's `Headers`), or of Node and Express. Names in any case. */
export type AnyHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Returns a header by its name in small letters: a list where it came several times and nobody joined it. */
export function headerIn(headers: AnyHeaders, name: string): string | readonly string[] | undefined {
  if (isFetchHeaders(headers)) return headers.get(name) ?? undefined;
  return headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Looks at the shape: the class differs between realms and polyfills, and then a header would seem to be missing. */
function isFetchHeaders(headers: AnyHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === "function";
}
