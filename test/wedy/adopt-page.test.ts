import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SETTINGS } from "./adopt-command";
import { GUIDE, makeOld } from "./adopt-forms";
import { adoptProcess } from "./adopt-process";
import { type GuideDatabase, onBoth } from "./guide-books";
import { start, startInVain, temporaryFolder } from "./started";

const page = readFileSync(new URL("../../docs/adopt.md", import.meta.url), "utf8");
/** The commands of the page, in its order. */
const COMMANDS = [...page.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.trim().split("\n"));

/** The change of a payment that was looked at, and is as it was. */
const LOOKED =
  /^UPDATE payment SET (?:payme_cheque_id = '[0-9a-f]{24}', )?updated_at = '[\d:. -]+' WHERE id = '[\w-]+';$/;

function rules(open: () => Promise<GuideDatabase>): void {
  it("the page is walked from the first command to the way back, and the old tables start as before", async () => {
    const database = await open();
    await makeOld(GUIDE, database, 20);
    const folder = temporaryFolder();
    const settings = { ...SETTINGS, DATABASE_URL: database.url };
    const refused = await startInVain(folder, { ...settings, PORT: "0" });
    expect(refused.output).toContain("npm run adopt");
    for (const command of COMMANDS) {
      if (command === "npm start") {
        const server = await start(folder, settings);
        expect((await fetch(`${server.url}/health`)).status).toBe(200);
        expect(await server.stop()).toBe(0);
        continue;
      }
      const [, words = ""] = /^npm run adopt -- (\w+)$/.exec(command) ?? [];
      const running = adoptProcess(folder, database.url, words);
      expect((await running.end()).code, running.output()).toBe(0);
    }
    expect(COMMANDS.map((command) => command.split(" ").at(-1))).toEqual([
      "inspect",
      "plan",
      "run",
      "verify",
      "start",
      "undo",
    ]);
    // The server paid nothing. On a slow machine its worker has looked at an open payment by then.
    const changes = readFileSync(join(folder, "adopt-undo.sql"), "utf8").split("\n");
    expect(changes.filter((line) => line !== "" && !LOOKED.test(line))).toEqual([]);
    expect(await startInVain(folder, { ...settings, PORT: "0" })).toMatchObject({ code: 1 });
  });
}

describe("docs/adopt.md", () => onBoth(rules));
