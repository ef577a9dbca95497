import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../examples/express-wedy/src/adopt/run-command";
import type { GuideDatabase } from "./guide-books";
import { temporaryFolder } from "./started";

/** The settings of a server that is no demo. */
export const SETTINGS = {
  PAYME_MERCHANT_ID: "65a0b0000000000000000001",
  PAYME_SECRET_KEY: "k".repeat(36),
  PAYME_TEST_MODE: "true",
  JWT_SECRET: "a-secret-for-a-server-in-a-process-of-its-own-0123",
};

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `npm run adopt` on a database, in a folder of its own. */
export function adoptOn(database: Pick<GuideDatabase, "url">) {
  const folder = temporaryFolder();
  const file = join(folder, "adopt-plan.json");
  return {
    folder,
    async run(...words: string[]): Promise<Ran> {
      let [out, err] = ["", ""];
      const code = await runCommand(words, {
        env: { ...SETTINGS, DATABASE_URL: database.url },
        folder,
        print(line) {
          out += `${line}\n`;
        },
        say(line) {
          err += `${line}\n`;
        },
      });
      return { code, out, err };
    },
    // What a test looks into is of every shape.
    plan: () => JSON.parse(readFileSync(file, "utf8")),
    change(edit: (plan: ReturnType<typeof JSON.parse>) => unknown): void {
      const plan = JSON.parse(readFileSync(file, "utf8"));
      edit(plan);
      writeFileSync(file, JSON.stringify(plan));
    },
  };
}
