import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pathOf, root, targetsIn, textOf } from "./page";
import { LANGUAGES, outOfStep, outOfStepIn, TRANSLATED, translationOf } from "./translation";

const NOTES = { uz: "hali o‘qib chiqmagan", ru: "ещё не читал" };
const page = "docs/going-live.md";
const translated = translationOf(page, "uz");

describe.each(LANGUAGES)("the pages in %s", (language) => {
  it.each(TRANSLATED)(
    "%s has the headings, rows, list items, code, numbers, names and links of the English one",
    (each) => {
      expect(outOfStepIn(each, language)).toEqual([]);
    },
  );

  it("are all compared", () => {
    const pages = readdirSync(`${root}/docs/${language}`).map((name) => `docs/${language}/${name}`);
    expect(pages.sort()).toEqual(TRANSLATED.map((each) => translationOf(each, language)).sort());
  });

  it.each(TRANSLATED)("%s says that no native speaker has read it, and the English page links it", (each) => {
    const [note = ""] = /^> .+$/m.exec(textOf(translationOf(each, language))) ?? [];
    expect(note).toContain(NOTES[language]);
    const linked = targetsIn(textOf(each)).map((target) => pathOf(each, target));
    expect(linked).toContain(translationOf(each, language));
  });
});

describe("a page that is out of step is named with its line", () => {
  const english = { page, text: textOf(page) };
  const text = textOf(translated);
  const lineOf = (part: string) => text.slice(0, text.indexOf(part)).split("\n").length;
  const change = (from: string, to: string) => {
    expect(text).toContain(from);
    return outOfStep(english, { page: translated, text: text.replace(from, to) });
  };

  it("where a heading has another level", () => {
    expect(change("## 5. ", "### 5. ")).toEqual([
      expect.stringContaining(`${translated}:${lineOf("## 5. ")}: section`),
    ]);
  });

  it("where a heading is missing", () => {
    expect(change("## 5. ", "5. ")).toEqual([expect.stringContaining("headings")]);
  });

  it("where a code block is not the same to the byte", () => {
    const line = lineOf("```bash");
    expect(change("curl -i", "curl  -i")).toEqual([
      expect.stringMatching(`^${translated}:${line}: code block of .* with line 2: curl  -i`),
    ]);
  });

  it("where a table has lost a row, or has one too many", () => {
    const [row = ""] = /^\| olasiz .+\n/m.exec(text) ?? [];
    expect(change(row, "")).toEqual([expect.stringMatching(/table row/)]);
    expect(change(row, row + row)).toEqual([expect.stringMatching(/table row/)]);
  });

  it("where a list has lost an item", () => {
    const [item = ""] = /^- \[ \] .+\n/m.exec(text) ?? [];
    expect(change(item, "")).toEqual([expect.stringMatching(/list item/)]);
  });

  it("where a number is another one, in words or in a table", () => {
    expect(change("12 soatdan keyin", "13 soatdan keyin")).toEqual([expect.stringContaining("without 12, with 13")]);
    expect(change("| -31001 |", "| -31002 |")).toEqual([expect.stringContaining("without -31001, with -31002")]);
  });

  it("where a name in code, or a link, is another one", () => {
    expect(change("`merchant.sweep()`", "`merchant.sweeps()`")).toEqual([
      expect.stringMatching(/without merchant\.sweep\(\), with merchant\.sweeps\(\)/),
    ]);
    expect(change("(saved-cards.md)", "(subscriptions.md)")).toEqual([
      expect.stringContaining("link to docs/saved-cards.md"),
    ]);
  });
});
