/** The index of the docs, `docs/README.md`, for what is made of it: `docs/llms.txt` and the sidebar of the site. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");
export const read = (path) => readFileSync(join(root, path), "utf8");

/** A link to a page, and what the index says of it after a colon. The examples are not in the package. */
export const LINK = /\[[^\]]+\]\(((?!\.\.\/examples\/)[^)#]+\.md)[^)]*\)(?:: ([^·|[\n]+))?/g;

/** The index's text before its first heading, and each section under its name. */
export function partsOfIndex() {
  const [head, ...sections] = read("docs/README.md").split(/^## (?:\d+\. )?/m);
  return { head, sections: new Map(sections.map((text) => [text.split("\n")[0], text])) };
}

/** The cells of each row of a section's table that links a page. */
export function rowsOf(section) {
  const rows = section.split("\n").filter((line) => line.startsWith("|") && line.includes("]("));
  return rows.map((row) => row.split("|").slice(1, -1));
}
