/**
 * Makes `docs/llms.txt`, the index for machines (llmstxt.org), from `docs/README.md`:
 *   node scripts/llms.mjs           prints it
 *   node scripts/llms.mjs --write   writes it
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LINK, partsOfIndex, read, root, rowsOf } from "./docs-index.mjs";

/** Each row of a table as an item: what it is about, then the pages in their order. */
function itemsOf(section) {
  return rowsOf(section).map((cells) => {
    const about = cells.slice(0, -1).map((cell) => cell.replaceAll("**", "").trim());
    const pages = [...(cells.at(-1) ?? "").matchAll(LINK)].map(([, page]) => `[${titleOf(page)}](${page})`);
    return `- ${about.join(": ")}: ${pages.join(", then ")}`;
  });
}

const titleOf = (page) => /^# (.+)$/m.exec(read(join("docs", page)))?.[1] ?? page;

/** Each page that a text links, once in the whole file, by its own title. */
function pagesOf(text, seen) {
  return [...text.matchAll(LINK)].flatMap(([, page, note]) => {
    if (seen.has(page)) return [];
    seen.add(page);
    return [`- [${titleOf(page)}](${page})${note === undefined ? "" : `: ${note.trim()}`}`];
  });
}

function llmsText() {
  const { head, sections } = partsOfIndex();
  const seen = new Set();
  const languages = /^.*O‘zbekcha.*$/m.exec(head)?.[0] ?? "";
  const lists = ["By what you do", "Understand", "Look it up"].map((name) => [name, sections.get(name) ?? ""]);
  const blocks = [
    "# payme-kit",
    `> ${JSON.parse(read("package.json")).description}`,
    "What you have, and what to read, in this order:",
    itemsOf(sections.get("Start") ?? "").join("\n"),
    "What to import, for what, and where to read of it:",
    itemsOf(sections.get("What to import") ?? "").join("\n"),
    ...[["First", head.replace(languages, "")], ...lists, ["Optional", languages]].flatMap(([name, text]) => [
      `## ${name}`,
      pagesOf(text, seen).join("\n"),
    ]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

if (process.argv.includes("--write")) writeFileSync(join(root, "docs/llms.txt"), llmsText());
else process.stdout.write(llmsText());
