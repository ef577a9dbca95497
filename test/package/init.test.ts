import { join } from "node:path";
import { expect, it } from "vitest";
import { EXAMPLES } from "../../src/tools/init/examples";
import { node, root } from "./projects";

it("each example is paid, tested and certified from an empty folder by `payme-kit init`, and a second init is idle", () => {
  const names = EXAMPLES.map(({ name }) => name);
  const { stdout, stderr, status } = node(root, join(root, "scripts/newcomer.mjs"), "--init", ...names);
  const rows = stdout
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));
  const [, ...results] = rows.filter(([name]) => name !== "---").map((cells) => [cells[0], ...cells.slice(4)]);
  expect(status, stdout + stderr).toBe(0);
  // A subscription has no endpoint: its test charges a card on the mock.
  expect(results).toEqual(
    names.map((name) => [
      name,
      ...(name === "telegram-subscription" ? ["–", "passes", "–"] : ["yes", "passes", "passes"]),
    ]),
  );
  process.stdout.write(stdout.slice(stdout.indexOf("| example")));
}, 900_000);
