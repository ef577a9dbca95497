import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LINK = /<(\w+)\b[^>]*?\s(?:href|src)="([^"]*)"/g;
const OF_OTHERS = /^(?:[a-z]+:|\/\/)/i;

/**
 * What a built site links and does not have: a page, a file, an anchor. And what a page loads from another host: a link to
 * one is for the reader to follow, anything else is not.
 */
export function deadLinks(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"));
  const pages = names.filter((name) => name.endsWith(".html"));
  const anchors = new Map();
  const found = new Map();

  const anchorsOf = (page) => {
    const text = () => readFileSync(join(folder, page), "utf8");
    if (!anchors.has(page)) anchors.set(page, new Set([...text().matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)));
    return anchors.get(page);
  };
  /** What is wrong with the address that a link leads to; undefined: nothing. */
  const wrong = (url) => {
    const [path = "", anchor = ""] = url.split("#").map(decodeURIComponent);
    const file = path.endsWith("/") ? `${path.slice(1)}index.html` : path.slice(1);
    if (!existsSync(join(folder, file)) || !/\.\w+$/.test(file)) return "is not there";
    return anchor === "" || anchorsOf(file).has(anchor) ? undefined : "has no such anchor";
  };
  const look = (page, target) => {
    const { pathname, hash } = new URL(
      target.replaceAll("&#38;", "&"),
      `http://site/${page.replace(/index\.html$/, "")}`,
    );
    const url = pathname + hash;
    if (!found.has(url)) found.set(url, wrong(url) && `${page}: ${target} ${wrong(url)}`);
  };
  for (const page of pages) {
    for (const [, tag, target] of readFileSync(join(folder, page), "utf8").matchAll(LINK)) {
      if (!OF_OTHERS.test(target)) look(page, target);
      else if (tag !== "a") found.set(target, `${page}: loads ${target}`);
    }
  }
  for (const [, target] of readFileSync(join(folder, "llms.txt"), "utf8").matchAll(/\]\(([^)\s]+)\)/g))
    look("llms.txt", target);
  return [...found.values()].filter((what) => what !== undefined);
}
