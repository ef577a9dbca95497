/** Returns the system's code of an error (`ENOENT`, `EADDRINUSE`), or its text where it has no code. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
