/** The sidebar: what `docs/README.md` lists, in its order, each page once. */
import { posix } from "node:path";
import { LINK, partsOfIndex, rowsOf } from "../scripts/docs-index.mjs";
import { entries } from "../scripts/entries.mjs";
import { EXAMPLES, slugOf } from "./pages.mjs";

const { head, sections } = partsOfIndex();

/** The pages that a text links and that stand nowhere above. */
function pagesOf(text, seen) {
  return [...text.matchAll(LINK)]
    .map(([, page]) => posix.join("docs", page))
    .filter(
      (page) =>
        !/^docs\/(?:uz|ru)\//.test(page) &&
        page !== "README.md" &&
        page !== "CHANGELOG.md" &&
        !seen.has(page) &&
        seen.add(page),
    )
    .map(slugOf);
}

/** A row with one page is that page; a row with more is a group of its name. */
function itemOf([name = "", ...cells], seen) {
  const items = pagesOf(cells.join(" "), seen);
  return items.length < 2 ? items : [{ label: name.replaceAll("**", "").trim(), collapsed: true, items }];
}

export function sidebar() {
  const seen = new Set();
  const first = pagesOf(head, seen);
  const rows = rowsOf(sections.get("By what you do") ?? "").flatMap((row) => itemOf(row, seen));
  const lists = (name) => pagesOf(sections.get(name) ?? "", seen);
  return [
    { slug: "" },
    { slug: "walk" },
    ...first,
    { label: "By what you do", translations: { uz: "Vazifa bo‘yicha", ru: "По задаче" }, items: rows },
    { label: "Understand", translations: { uz: "Tushunish", ru: "Понять" }, items: lists("Understand") },
    { label: "Look it up", translations: { uz: "Ma’lumotnoma", ru: "Справочник" }, items: lists("Look it up") },
    {
      label: "API reference",
      translations: { uz: "API ma’lumotnomasi", ru: "Справочник API" },
      collapsed: true,
      items: entries.map(({ specifier }) => `reference/${specifier}`),
    },
    {
      label: "Examples",
      translations: { uz: "Namunalar", ru: "Примеры" },
      collapsed: true,
      items: EXAMPLES.map((name) => `examples/${name}`),
    },
    {
      label: "The project",
      translations: { uz: "Loyiha", ru: "Проект" },
      collapsed: true,
      items: ["changelog", "contributing", "security"],
    },
  ];
}
