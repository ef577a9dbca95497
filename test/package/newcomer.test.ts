import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { node, root } from "./projects";

const TIMEOUT_MS = 900_000;
const clock = (...folders: string[]) => node(root, join(root, "scripts/newcomer.mjs"), ...folders);

/** The table's cells, by the example's name. */
function rowsOf(stdout: string): Record<string, string[]> {
  const rows = stdout.split("\n").filter((line) => line.startsWith("| "));
  return Object.fromEntries(
    rows.map((line) => line.slice(2, -2).split(" | ")).map(([name = "", ...cells]) => [name, cells]),
  );
}

it(
  "each example of one file is paid from an empty folder with the tarball, and its own test passes",
  () => {
    const { stdout, stderr, status } = clock();
    const rows = rowsOf(stdout);
    const examples = readdirSync(join(root, "examples")).filter((name) => {
      return readdirSync(join(root, "examples", name)).includes("shop.test.ts");
    });
    expect(status, stdout + stderr).toBe(0);
    expect(examples).toEqual(expect.arrayContaining(["merchant-express", "merchant-hono"]));
    for (const name of examples) {
      const [, lines, , paid, test] = rows[name] ?? [];
      expect(Number(lines), name).toBeLessThan(100);
      expect([paid, test], name).toEqual(["yes", "passes"]);
    }
    expect(rows["telegram-subscription"]?.at(-1)).toBe("passes");
  },
  TIMEOUT_MS,
);

it(
  "says so, and ends with 1, where an order is not paid",
  () => {
    const folder = join(mkdtempSync(join(tmpdir(), "payme-kit-unpaid-")), "unpaid");
    onTestFinished(() => rmSync(join(folder, ".."), { recursive: true, force: true }));
    cpSync(join(root, "examples/merchant-hono"), folder, { recursive: true });
    const source = readFileSync(join(folder, "shop.ts"), "utf8");
    const broken = source.replace("AND status = 'new'", "AND status = 'gone'");
    expect(broken).not.toBe(source);
    writeFileSync(join(folder, "shop.ts"), broken);
    const { stdout, status } = clock(folder);
    expect(status).toBe(1);
    expect(rowsOf(stdout).unpaid?.slice(3)).toEqual(["no", "not run"]);
  },
  TIMEOUT_MS,
);
