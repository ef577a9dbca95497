import { anchorOf, headingsOf, pathOf, targetsIn, textOf } from "./page";

/** The languages of the docs beside English: each has a folder in `docs`. */
export const LANGUAGES = ["uz", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The English pages that are translated, each with its name in the folder of a language. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["README.md", "front"],
  ["docs/README.md", "README"],
  ["docs/going-live.md", "going-live"],
  ["docs/errors-by-code.md", "errors-by-code"],
  ["docs/saved-cards.md", "saved-cards"],
  ["docs/subscriptions.md", "subscriptions"],
]);
export const TRANSLATED = [...NAMES.keys()];

/** A page that is translated to the end of its first section only: the index. */
const INDEX = "docs/README.md";

type Kind = "section" | "paragraph" | "list item" | "table row" | "code block";

interface Block {
  readonly kind: Kind;
  readonly line: number;
  readonly text: string;
}

export const translationOf = (page: string, language: Language): string => `docs/${language}/${NAMES.get(page)}.md`;

/** True for the line that leads to the other languages, which each page has in its own words. */
const isLanguageLine = (line: string) => /English|O‘zbekcha/.test(line) && /Русский/.test(line);

/** The blocks of a page in their order, without what stands above them in a language's own words. */
function blocksOf(page: string, text: string): Block[] {
  const blocks: { kind: Kind; line: number; text: string }[] = [];
  let isOpen = false; // whether the next line goes on with the last block
  let isCode = false;
  for (const [index, line] of text.split("\n").entries()) {
    const last = blocks.at(-1);
    const begin = (kind: Kind, goesOn: boolean) => {
      blocks.push({ kind, line: index + 1, text: line });
      isOpen = goesOn;
    };
    if (isCode && last !== undefined) {
      last.text += `\n${line}`;
      isCode = line !== "```";
      isOpen = isCode;
    } else if (line.startsWith("```")) {
      begin("code block", true);
      isCode = true;
    } else if (line === "" || line.startsWith(">") || isLanguageLine(line)) isOpen = false;
    else if (/^#+ /.test(line)) begin("section", false);
    else if (line.startsWith("|")) begin("table row", false);
    else if (/^\s*(?:-|\d+\.) /.test(line)) begin("list item", true);
    else if (isOpen && last !== undefined) last.text += `\n${line}`;
    else begin("paragraph", true);
  }
  if (pageOf(page) !== INDEX) return blocks;
  const second = blocks.findIndex(({ kind, text: heading }) => kind === "section" && heading.startsWith("## 2"));
  return blocks.slice(0, second === -1 ? undefined : second);
}

/** The English page of a translated one; any other page as it is. */
function pageOf(path: string): string {
  return TRANSLATED.find((page) => LANGUAGES.some((language) => translationOf(page, language) === path)) ?? path;
}

/** What a link leads to in every language: the English page, and the number of the heading. */
function goalOf(page: string, target: string): string {
  const path = pathOf(page, target);
  const [, anchor] = target.split("#");
  if (anchor === undefined) return pageOf(path);
  return `${pageOf(path)}, heading ${headingsOf(path).map(anchorOf).indexOf(anchor) + 1}`;
}

const CODE = /(?<!`)(`+)(?!`)([\s\S]+?)(?<!`)\1(?!`)/g;

/** What must be the same in every language: the level of a heading, code as it stands, numbers, names in code, and links. */
function fixedOf(page: string, { kind, text }: Block): string[] {
  if (kind === "code block") return text.split("\n").map((line, index) => `line ${index + 1}: ${line}`);
  const marks = kind === "section" ? [text.replace(/ .*/, "")] : [];
  const names = [...text.matchAll(CODE)].map(([, , name = ""]) => name.trim().replace(/\s+/g, " "));
  const goals = targetsIn(text).map((target) => `link to ${goalOf(page, target)}`);
  const words = text.replace(CODE, "").replace(/\]\([^)]*\)/g, "]");
  // Thousands are written as 1,024 in English, and as 1 024 in the others.
  const numbers = words.replace(/(?<=\d)[, ](?=\d{3}\b)/g, "").match(/-?\d+(?:\.\d+)*/g) ?? [];
  return [...marks, ...names, ...numbers, ...goals].sort();
}

/** What is in one list and not in the other, each as often as it is. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((each) => {
    const at = rest.indexOf(each);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}

interface Page {
  readonly page: string;
  readonly text: string;
}

/** The sections of a page: the blocks under each heading, with the heading. */
function sectionsOf({ page, text }: Page): Block[][] {
  const sections: Block[][] = [];
  for (const block of blocksOf(page, text)) {
    const last = sections.at(-1);
    if (block.kind === "section" || last === undefined) sections.push([block]);
    else last.push(block);
  }
  return sections;
}

const short = (text: string) => (text.length > 100 ? `${text.slice(0, 100).replaceAll("\n", " ")}…` : text);

/** Where a translated page is out of step with the English one: a line for each place. */
export function outOfStep(english: Page, translated: Page): string[] {
  const [ours, theirs] = [sectionsOf(english), sectionsOf(translated)];
  if (ours.length !== theirs.length) {
    return [`${translated.page}: ${theirs.length} headings, and ${english.page} has ${ours.length}`];
  }
  return ours.flatMap((blocks, index) =>
    (["section", "paragraph", "list item", "table row", "code block"] as const).flatMap((kind) => {
      const those = (theirs[index] ?? []).filter((block) => block.kind === kind);
      const these = blocks.filter((block) => block.kind === kind);
      const pairs = these.map((block, at) => ({ block, other: those[at] }));
      const differences = pairs.flatMap(({ block, other }) => {
        if (other === undefined) return [`${translated.page}: no ${kind} for ${english.page}:${block.line}`];
        const [fixed, found] = [fixedOf(english.page, block), fixedOf(translated.page, other)];
        const [missing, added] = [without(fixed, found), without(found, fixed)];
        if (missing.length + added.length === 0) return [];
        const said = [
          ...missing.map((each) => `without ${short(each)}`),
          ...added.map((each) => `with ${short(each)}`),
        ];
        return [`${translated.page}:${other.line}: ${kind} of ${english.page}:${block.line} ${said.join(", ")}`];
      });
      const extra = those.slice(these.length).map(({ line }) => `${translated.page}:${line}: a ${kind} too many`);
      // After a block that is missing all others are at the wrong place: the first one tells.
      return these.length === those.length ? differences : [...differences, ...extra].slice(0, 1);
    }),
  );
}

/** The same for a page and a language, as they stand in the repository. */
export function outOfStepIn(page: string, language: Language): string[] {
  const translated = translationOf(page, language);
  return outOfStep({ page, text: textOf(page) }, { page: translated, text: textOf(translated) });
}
