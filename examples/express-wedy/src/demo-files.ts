import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { MockPayme } from "payme-kit/testing";
import type { Database } from "./config";

/** A change of the mock's books is written after this time, together with what came meanwhile. */
const WRITE_AFTER_MS = 100;

/** What a demo keeps in files beside its database, so that a restart knows its receipts and saved cards. */
export interface DemoFiles {
  /** Seals the cards in this database. Made at the first start. */
  readonly sealKey: string;
  /** The mock's books as they were written; undefined: there are none. */
  readonly books: string | undefined;
  /** Writes the mock's books after each change. Returns what ends that, with all that is known. */
  keep(mock: Pick<MockPayme, "onChange" | "snapshot">): () => void;
}

export function openDemoFiles(database: Database): DemoFiles {
  const path = "file" in database ? database.file : "wedy.db";
  const [keyFile, booksFile] = [`${path}.seal-key`, `${path}.payme.json`];
  return {
    sealKey: read(keyFile) ?? written(keyFile, randomBytes(32).toString("base64")),
    books: read(booksFile),
    keep(mock) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const write = () => {
        timer = undefined;
        written(booksFile, JSON.stringify(mock.snapshot()));
      };
      const forget = mock.onChange(() => {
        timer ??= setTimeout(write, WRITE_AFTER_MS);
      });
      return () => {
        forget();
        clearTimeout(timer);
        write();
      };
    },
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole or not at all, and its owner's alone. */
function written(file: string, text: string): string {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
  return text;
}
