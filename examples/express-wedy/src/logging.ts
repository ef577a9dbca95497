import { type Exchange, type Logger, logScrubber } from "payme-kit";
import pino from "pino";

/** Where the server tells what happens: one JSON line per event. */
export interface Logs {
  /** The server's own events. */
  readonly server: Logger;
  /** Payment work: its lines carry `"component":"payme"`, which the guide's `grep -i payme` finds. */
  readonly payme: Logger;
  /** Each call to Payme: method, time and code, never its content. */
  readonly exchange: (exchange: Exchange) => void;
  /** Closes the log file. */
  close(): void;
}

export interface LogOptions {
  readonly level: string;
  /** A file to append to, beside standard output. */
  readonly file?: string | undefined;
  /** Texts that no line may hold, whatever put them there. */
  readonly secrets: readonly string[];
  /** Where lines go in place of standard output. */
  readonly out?: pino.DestinationStream | undefined;
}

/** Opens the log. @throws when the file cannot be written. */
export function openLogs({ level, file, secrets, out }: LogOptions): Logs {
  // Written at once: the last line before a crash is the one that is needed. A new file is its owner's alone.
  const open = (dest: string | number) => pino.destination({ dest, sync: true, mkdir: true, mode: 0o600 });
  const fileStream = file === undefined ? undefined : open(file);
  const streams = [out ?? open(1), ...(fileStream === undefined ? [] : [fileStream])];
  const root = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: logScrubber(secrets) },
    },
    pino.multistream(streams.map((stream) => ({ stream, level: "trace" as const }))),
  );
  const payme = root.child({ component: "payme" });
  return {
    server: loggerOf(root.child({ component: "server" })),
    payme: loggerOf(payme),
    exchange: ({ direction, method, ms, code }) => payme.info({ direction, method, ms, code }, "exchange with Payme"),
    close: () => fileStream?.end(),
  };
}

function loggerOf(logger: pino.Logger): Logger {
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}
