/** The system's code of an error (`ENOENT`, `EADDRINUSE`), for a sentence; its text where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
