import { styleText } from "node:util";
import type { CliIo } from "./io";

/** A text in a colour, where the stream shows colours. */
export function paint(
  { hasColours }: CliIo,
  stream: "out" | "err",
  format: Parameters<typeof styleText>[0],
  text: string,
): string {
  return hasColours[stream] ? styleText(format, text, { validateStream: false }) : text;
}

/** Writes what went wrong to standard error, with the one prefix of all commands. */
export function complain(io: CliIo, text: string): void {
  io.err(`${paint(io, "err", "red", "payme-kit:")} ${text}`);
}
