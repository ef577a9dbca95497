/** Where payme-kit tells what happened. Fields never hold a secret; any structured logger fits. */
export interface Logger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Writes warnings and errors to standard error, a line of JSON each; says nothing else. */
export const consoleLogger: Logger = {
  info: () => {},
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: string, message: string, fields: Readonly<Record<string, unknown>> | undefined): void {
  // biome-ignore lint/suspicious/noConsole: this is the one logger that writes to the console.
  console.error(JSON.stringify({ level, component: "payme", message, ...fields }));
}
