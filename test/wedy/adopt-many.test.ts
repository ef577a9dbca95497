import { describe, expect, it } from "vitest";
import { adoptOn } from "./adopt-command";
import { GUIDE, makeOld } from "./adopt-forms";
import { adoptProcess } from "./adopt-process";
import { type GuideDatabase, onBoth } from "./guide-books";

/** In full: ADOPT_ROWS=100000 npx vitest run test/wedy/adopt-many.test.ts */
const ROWS = Number(process.env.ADOPT_ROWS ?? 3_000);
/** A node with this program alone has 150 MB or so. */
const MOST_MB = 400;

function rules(open: () => Promise<GuideDatabase>): void {
  it(`moves ${ROWS} rows in one pass, in bounded memory, and tells how far it is`, { timeout: 3_600_000 }, async () => {
    const database = await open();
    await makeOld(GUIDE, database, ROWS);
    const { folder } = adoptOn(database);
    const figures: string[] = [];
    for (const command of ["inspect", "plan", "run", "verify"]) {
      const start = Date.now();
      const running = adoptProcess(folder, database.url, command);
      const { code, megabytes } = await running.end();
      expect(code, running.output()).toBe(0);
      expect(megabytes).toBeLessThan(MOST_MB);
      if (command === "run") expect(running.output()).toContain(`payments: ${ROWS} of ${ROWS}`);
      figures.push(`${command} ${((Date.now() - start) / 1000).toFixed(1)} s, ${megabytes} MB`);
    }
    if (process.env.ADOPT_ROWS !== undefined) console.log(`${database.dialect}, ${ROWS} rows: ${figures.join("; ")}`);
  });
}

describe("npm run adopt, with many rows", () => onBoth(rules));
