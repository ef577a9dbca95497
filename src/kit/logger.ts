/** The log of payme-kit. Fields never hold a secret. Any structured logger fits. */
export interface Logger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Writes warnings and errors to standard error, a line of JSON each, and drops the rest. */
export const consoleLogger: Logger = {
  info: () => {},
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: string, message: string, fields: Readonly<Record<string, unknown>> | undefined): void {
  // biome-ignore lint/suspicious/noConsole: only this logger writes to the console.
  console.error(JSON.stringify({ level, component: "payme", message, ...fields }));
}
