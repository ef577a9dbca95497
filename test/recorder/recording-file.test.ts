import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RecordedCall } from "../../src/tools/recorder/describe-call";
import { createRecordingFile } from "../../src/tools/recorder/recording-file";
import { readRecording, recording, targetServer } from "./kit";

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "payme-kit-record-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const now = Date.UTC(2026, 0, 15, 10, 30);
const target = new URL("http://localhost:3000/payme");

async function exchange(): Promise<RecordedCall> {
  const { url } = await targetServer((response) => response.end('{"result":{"state":1},"id":5}'));
  const { url: proxy, exchanges } = await recording(url);
  await fetch(proxy, { method: "POST", body: '{"method":"CheckTransaction","params":{"id":"a"},"id":5}' });
  const [made] = exchanges;
  if (made === undefined) throw new Error("nothing was recorded");
  return made;
}

describe("a recording's file", () => {
  it("has each call as soon as it has ended, and reads back as it was", async () => {
    const file = createRecordingFile({ folder: join(temporary(), "a/b"), target, now });
    const made = await exchange();
    file.write({ ...made, n: 2 });
    expect(readRecording(file.path)).toMatchObject({ calls: [{ n: 2 }] });
    file.write(made);
    file.close();
    expect(readRecording(file.path)).toEqual({
      header: {
        format: "payme-kit-recording",
        version: 1,
        startedAt: "2026-01-15T10:30:00.000Z",
        target: "http://localhost:3000",
      },
      calls: [{ ...made, n: 2 }, made],
    });
  });

  it.skipIf(process.platform === "win32")("is for its owner's eyes only, in a folder that git leaves alone", () => {
    const folder = join(temporary(), "recordings");
    const file = createRecordingFile({ folder, target, now });
    file.close();
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("*\n");
  });

  it("is never written over, and a folder that was there is left as it is", () => {
    const folder = temporary();
    mkdirSync(join(folder, "x"));
    createRecordingFile({ folder, target, now }).close();
    expect(() => createRecordingFile({ folder, target, now })).toThrow("EEXIST");
    expect(readdirSync(folder).sort()).toEqual(["payme-2026-01-15T10-30-00-000Z.jsonl", "x"]);
  });
});
