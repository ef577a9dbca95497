import { readFileSync } from "node:fs";
import { posix, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

export const textOf = (page: string): string => readFileSync(resolve(root, page), "utf8");

/** A page's text without its code blocks. */
export const proseOf = (page: string): string => textOf(page).replace(/^```[\s\S]*?^```$/gm, "");

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/ /g, "-");
}

/** The headings of a page, in order, without their marks. */
export const headingsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);

/** The links of a text within the repository, as written: a path, an anchor, or both. */
export function targetsIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^https?:/.test(target));
}

/** The page or file that a link of a page leads to, from the root. */
export function pathOf(page: string, target: string): string {
  const [path = ""] = target.split("#");
  return path === "" ? page : posix.join(posix.dirname(page), path);
}
