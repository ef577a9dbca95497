import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { RECORDING_VERSION, type RecordedExchange, type RecordingHeader } from "./recording";

/** A recording being written. */
export interface RecordingFile {
  readonly path: string;
  /** Appends one line with one write: what ends the process afterwards does not lose it. */
  write(exchange: RecordedExchange): void;
  /** Waits until the disk has it all. */
  close(): void;
}

/**
 * A new file in a folder, for its owner's eyes only. A folder that is made for it tells git to leave it alone.
 *
 * @throws the system's error where it cannot be made; an existing file is never written to.
 */
export function createRecordingFile({
  folder,
  target,
  now,
}: {
  folder: string;
  target: URL;
  now: number;
}): RecordingFile {
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, ".gitignore"), "*\n");
  }
  const startedAt = new Date(now).toISOString();
  const path = join(folder, `payme-${startedAt.replace(/[:.]/g, "-")}.jsonl`);
  const file = openSync(path, "ax", 0o600);
  const write = (line: RecordingHeader | RecordedExchange) => void writeSync(file, `${JSON.stringify(line)}\n`);
  write({ format: "payme-kit-recording", version: RECORDING_VERSION, startedAt, target: target.origin });
  return {
    path,
    write,
    close() {
      fsyncSync(file);
      closeSync(file);
    },
  };
}
