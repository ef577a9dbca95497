import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { RecordedCall } from "./describe-call";

/** A recording that is being written: JSON lines, the first of which is its header. */
export type RecordingFile = ReturnType<typeof createRecordingFile>;

/** Creates a file that only its owner can read; an existing one is never written to. Git ignores a folder that is made for it. */
export function createRecordingFile({ folder, target, now }: { folder: string; target: URL; now: number }) {
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, ".gitignore"), "*\n");
  }
  const startedAt = new Date(now).toISOString();
  const path = join(folder, `payme-${startedAt.replace(/[:.]/g, "-")}.jsonl`);
  const file = openSync(path, "ax", 0o600);
  // One write a line: the end of the process does not lose it.
  const append = (line: object) => void writeSync(file, `${JSON.stringify(line)}\n`);
  append({ format: "payme-kit-recording", version: 1, startedAt, target: target.origin });
  return {
    path,
    write: (call: RecordedCall) => append(call),
    /** Waits until the disk has everything. */
    close() {
      fsyncSync(file);
      closeSync(file);
    },
  };
}
