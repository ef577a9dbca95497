/**
 * Makes the pages of the site from the texts of the repository, which stay as they are. A page's title is its first heading.
 * A link leads to the page of the site, in the reader's language.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import GithubSlugger from "github-slugger";
import { read, root } from "../scripts/docs-index.mjs";

export const CONTENT = join(import.meta.dirname, "src/content/docs");
/** The languages beside English: each has a folder in `docs`. */
export const LANGUAGES = ["uz", "ru"];
export const EXAMPLES = readdirSync(join(root, "examples")).filter((name) => has(`examples/${name}/README.md`));

/** Where a person can read a file that is no page: nowhere, until package.json names a repository. */
const REPOSITORY = JSON.parse(read("package.json")).repository?.url?.replace(/^git\+|\.git$/g, "");

/** Each text and the place of its page. The index of the docs is `walk`: the front page begins the site. */
const SLUGS = new Map([
  ["README.md", ""],
  ["docs/README.md", "walk"],
  ...LANGUAGES.flatMap((language) => [
    [`docs/${language}/front.md`, language],
    [`docs/${language}/README.md`, `${language}/walk`],
  ]),
  ...["CHANGELOG", "CONTRIBUTING", "SECURITY"].map((name) => [`${name}.md`, name.toLowerCase()]),
  ...EXAMPLES.map((name) => [`examples/${name}/README.md`, `examples/${name}`]),
]);
for (const name of readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })) {
  const path = `docs/${name.replaceAll("\\", "/")}`;
  if (path.endsWith(".md") && !SLUGS.has(path)) SLUGS.set(path, path.slice("docs/".length, -".md".length));
}

function has(path) {
  return existsSync(join(root, path));
}

/** The place of a text's page. */
export function slugOf(path) {
  const slug = SLUGS.get(path);
  if (slug === undefined) throw new Error(`${path} is no page of the site`);
  return slug;
}

const languageOf = (slug) => LANGUAGES.find((language) => slug === language || slug.startsWith(`${language}/`));

/** The way from one page to another, which holds wherever the site stands. */
function wayTo(slug, from) {
  return `${posix.relative(`/${from}`, `/${slug}`) || "."}/`;
}

/** Where a link of a text leads on the site; undefined: nowhere. */
function linkOf(target, path) {
  if (/^(?:https?:|#)/.test(target)) return target;
  const [file = "", anchor] = target.split("#");
  const goal = posix.join(posix.dirname(path), file);
  const from = slugOf(path);
  const suffix = anchor === undefined ? "" : `#${anchor}`;
  if (goal === "docs/llms.txt") return `${wayTo("", from)}llms.txt`;
  const slug = SLUGS.get(goal);
  if (slug === undefined) {
    if (!has(goal)) throw new Error(`${path} links ${target}, which is not there`);
    return REPOSITORY && `${REPOSITORY}/blob/main/${goal}`;
  }
  const [own, other] = [languageOf(from), languageOf(slug)];
  // What is not translated is shown in English within the reader's language.
  const isOnlyEnglish =
    own !== undefined && other === undefined && ![...SLUGS.values()].includes(posix.join(own, slug));
  return wayTo(isOnlyEnglish ? `${own}/${slug}` : slug, from) + suffix;
}

/** Changes a text outside of its code blocks. */
export function changeProse(text, change) {
  return text
    .split(/^(```[\s\S]*?^```$)/m)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join("");
}

function withLinks(text, path) {
  return changeProse(text, (prose) =>
    prose.replace(/(!?)\[((?:[^[\]]|!\[[^\]]*\]\([^)]*\))*)\]\(([^)\s]+)\)/g, (_all, mark, label, target) => {
      if (mark === "!") return `![${label}](${pictureOf(target, path)})`;
      const link = linkOf(target, path);
      return link === undefined ? label : `[${label}](${link})`;
    }),
  );
}

/** The questions of newcomers, each at the page and heading that `docs/questions.md` links for its answer. */
const QUESTIONS = [...read("docs/questions.md").matchAll(/^## (.+)\n+.*\]\(([^)#\s]+)(?:#([^)\s]+))?\)$/gm)].map(
  ([, question, page, anchor = ""]) => ({ question, path: `docs/${page}`, anchor }),
);

/** Puts each question above its answer: a reader sees where to stop, and the search knows a newcomer's words. */
function withQuestions(text, path) {
  const anchors = anchorsOf(text);
  const ask = (anchor) => {
    const asked = QUESTIONS.filter((each) => each.path === path && each.anchor === anchor);
    return asked.map(({ question }) => `\n<p class="question" data-pagefind-weight="10">${question}</p>\n`).join("");
  };
  const below = (heading) => `${heading}\n${ask(anchors.shift())}`;
  return changeProse(text, (prose) => prose.replace(HEADING, below)).replace(/^(# .+\n)/, `$1${ask("")}`);
}

const HEADING = /^#+ (.+)$/gm;

/** The anchors of a text's headings, in order, the title's first. */
function anchorsOf(text) {
  const slugger = new GithubSlugger();
  const anchors = [];
  changeProse(text, (prose) => prose.replace(HEADING, (_all, words) => anchors.push(slugger.slug(words))));
  return anchors;
}

/**
 * Gives the headings of a translated page the English anchors, too: pages that are not translated lead to them. What a translation
 * leaves out stands between its last two headings.
 */
function withEnglishAnchors(text, path) {
  const slug = slugOf(path);
  const language = languageOf(slug);
  if (language === undefined) return text;
  const [english] = [...SLUGS].find(([, each]) => each === posix.relative(language, slug)) ?? [];
  if (english === undefined) throw new Error(`${path} has no English page`);
  const [own, theirs] = [anchorsOf(text), anchorsOf(read(english))];
  const above = new Map();
  for (const [index, anchor] of theirs.entries()) {
    const isLast = index === theirs.length - 1;
    const at = isLast ? own.length - 1 : Math.min(index, own.length === theirs.length ? index : own.length - 2);
    if (!own.includes(anchor)) above.set(at, [...(above.get(at) ?? []), `<div id="${anchor}"></div>`]);
  }
  let index = -1;
  const place = (heading) => {
    index += 1;
    return index === 0 ? heading : `${(above.get(index) ?? []).join("")}\n\n${heading}`;
  };
  return changeProse(text, (prose) => prose.replace(HEADING, place));
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A chart of Mermaid's, which the page draws. */
const withCharts = (text) =>
  text.replace(/^```mermaid\n([\s\S]*?)^```$/gm, (_all, chart) => `<pre class="chart">${escaped(chart.trim())}</pre>`);

/** Leaves out the line that leads to the other languages: each page of the site has a list of them. */
const withoutLanguages = (text) => text.replace(/^(?:> )?(?=.*(?:English|O‘zbekcha)).*Русский.*\n/m, "");

/** A picture stands below `images` of the content, whatever page shows it. */
function pictureOf(target, path) {
  const picture = posix.relative("docs", posix.join(posix.dirname(path), target));
  return posix.relative(posix.dirname(fileOf(slugOf(path))), picture).replace(/^(?!\.)/, "./");
}

const fileOf = (slug) => (slug === "" || LANGUAGES.includes(slug) ? posix.join(slug, "index.md") : `${slug}.md`);

/** Writes a page: its title, what else the site is to know of it, and its text. */
export function writePage(slug, title, text, more = {}) {
  const file = join(CONTENT, fileOf(slug));
  mkdirSync(dirname(file), { recursive: true });
  const fields = Object.entries({ title, ...more }).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  writeFileSync(file, `---\n${fields.join("\n")}\n---\n${text}`);
}

/** Writes the pages of all texts. */
export function writePages() {
  rmSync(CONTENT, { recursive: true, force: true });
  for (const [path, slug] of SLUGS) {
    const changed = withCharts(
      withLinks(withQuestions(withEnglishAnchors(withoutLanguages(read(path)), path), path), path),
    );
    const [, title = "", text = ""] = /^# (.+)\n([\s\S]*)$/.exec(changed) ?? [];
    if (title === "") throw new Error(`${path} does not begin with a title`);
    writePage(slug, title.replaceAll("`", ""), text);
  }
  cpSync(join(root, "docs/images"), join(CONTENT, "images"), { recursive: true });
}

/** The index for machines, as it stands beside the front page. */
export function llmsText() {
  return read("docs/llms.txt").replace(
    /\]\(([^)\s]+)\)/g,
    (_all, target) => `](${wayTo(slugOf(posix.join("docs", target)), "")})`,
  );
}
