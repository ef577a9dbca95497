import { describe, expect, it } from "vitest";
import { anchorOf, headingsOf, pathOf, proseOf, targetsIn, textOf } from "./page";
import { QUESTIONS, type Question } from "./questions";

const INDEX = "docs/README.md";
const PAGE = "docs/questions.md";

/** The pages that so many clicks reach from the index. The page of the questions itself does not count. */
function within(clicks: number): Set<string> {
  const reached = new Set([INDEX]);
  for (let click = 0; click < clicks; click++) {
    for (const page of [...reached]) {
      const linked = targetsIn(proseOf(page)).map((target) => pathOf(page, target));
      for (const path of linked) if (path.endsWith(".md") && path !== PAGE) reached.add(path);
    }
  }
  return reached;
}

/** What stands under a heading, up to the next heading of its level or above. A title's part ends with the next heading. */
function under(page: string, heading: string): string | undefined {
  const lines = textOf(page).split("\n");
  const isIn = (line: string) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading;
  const start = lines.findIndex(isIn);
  if (start === -1) return undefined;
  const level = Math.max(2, /^#+/.exec(lines[start] ?? "")?.[0].length ?? 0);
  const rest = lines.slice(start + 1);
  let isCode = false;
  const end = rest.findIndex((line) => {
    if (line.startsWith("```")) isCode = !isCode;
    return !isCode && new RegExp(`^#{1,${level}} `).test(line);
  });
  return rest.slice(0, end === -1 ? undefined : end).join("\n");
}

/** What keeps a newcomer from the answer. */
function missing({ page, heading, words }: Question): string[] {
  if (!within(2).has(page)) return [`${page} is more than two clicks away`];
  const text = under(page, heading)?.replace(/\s+/g, " ");
  if (text === undefined) return [`${page} has no heading "${heading}"`];
  return words.filter((each) => !text.includes(each)).map((each) => `"${each}" does not stand under "${heading}"`);
}

describe("twenty questions of a newcomer", () => {
  it("are twenty, each another one", () => {
    expect(new Set(QUESTIONS.map(({ question }) => question)).size).toBe(20);
  });

  it.each(QUESTIONS)("$question", (question) => {
    expect(missing(question)).toEqual([]);
  });

  it("stand on a page that the index links, in this order, each with a link to its answer", () => {
    expect(targetsIn(proseOf(INDEX)).map((target) => pathOf(INDEX, target))).toContain(PAGE);
    expect(headingsOf(PAGE).slice(1)).toEqual(QUESTIONS.map(({ question }) => question));
    for (const { question, page, heading } of QUESTIONS) {
      const isTitle = headingsOf(page).indexOf(heading) === 0;
      const link = page.replace("docs/", "") + (isTitle ? "" : `#${anchorOf(heading)}`);
      expect(targetsIn(under(PAGE, question) ?? ""), question).toEqual([link]);
    }
  });

  it("would be missed where the page, the heading or a word is not there", () => {
    const question = { question: "?", typed: "?", page: INDEX, heading: "A few words", words: ["1 som is 100 tiyin"] };
    expect(missing(question)).toEqual([]);
    expect(missing({ ...question, page: "CONTRIBUTING.md" })).toHaveLength(1);
    expect(missing({ ...question, heading: "A few more words" })).toHaveLength(1);
    expect(missing({ ...question, words: ["1 som is 10 tiyin"] })).toHaveLength(1);
  });
});
