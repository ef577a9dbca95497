/** Makes the reference from the doc comments: a page for each entry, with its names, and one for each name. */
import { readFileSync, rmSync } from "node:fs";
import { join, posix } from "node:path";
import { Application, ReflectionKind } from "typedoc";
import { root } from "../scripts/docs-index.mjs";
import { entries } from "../scripts/entries.mjs";
import { changeProse, writePage } from "./pages.mjs";

const RAW = join(import.meta.dirname, ".reference");

const OPTIONS = {
  name: "payme-kit",
  entryPoints: entries.map(({ source }) => join(root, source)),
  basePath: join(root, "src/entry"),
  tsconfig: join(import.meta.dirname, "tsconfig.reference.json"),
  plugin: ["typedoc-plugin-markdown"],
  out: RAW,
  readme: "none",
  entryFileName: "index",
  useCodeBlocks: true,
  router: "member",
  logLevel: "Warn",
  // `npm run typecheck` looks at the types; this reads them.
  skipErrorChecking: true,
  // What Node and a library document stands there.
  excludeExternals: true,
  excludePrivate: true,
  excludeInternal: true,
  // No paths of the machine, and no line numbers that each change would move.
  disableSources: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  pageTitleTemplates: { module: "{name}", member: "{name}", index: "{projectName}" },
  parametersFormat: "table",
  propertiesFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  enumMembersFormat: "table",
  tableColumnSettings: {
    hideDefaults: true,
    hideInherited: true,
    hideModifiers: true,
    hideOverrides: true,
    hideSources: true,
  },
};

const GROUPS = [
  ["Functions", ReflectionKind.Function],
  ["Classes", ReflectionKind.Class],
  ["Constants", ReflectionKind.Variable],
  ["Types", ReflectionKind.Interface | ReflectionKind.TypeAlias | ReflectionKind.Enum],
];

const FOLDERS = new Map([
  [ReflectionKind.Function, "functions"],
  [ReflectionKind.Class, "classes"],
  [ReflectionKind.Variable, "variables"],
  [ReflectionKind.Interface, "interfaces"],
  [ReflectionKind.TypeAlias, "type-aliases"],
]);
const KINDS = new Map([
  [ReflectionKind.Function, "function"],
  [ReflectionKind.Class, "class"],
  [ReflectionKind.Variable, "constant"],
  [ReflectionKind.Interface, "interface"],
  [ReflectionKind.TypeAlias, "type"],
]);

/** The file of a name, below the folder that typedoc writes. */
const fileOf = (name) => `${name.parent.name}/${FOLDERS.get(name.kind)}/${name.name}.md`;

/** The place of such a file's page. A function and its type may have one name but for the case: they stand in folders of their own. */
const slugOf = (file) => posix.join("reference", file.replace(/(?:\/index)?\.md$/, "").toLowerCase());

/** A name as it was declared first: an entry may hand on what another one has. */
const declared = (name) => (name.isReference() ? name.getTargetReflectionDeep() : name);

/** The first sentence of a name's doc comment, as Markdown without links. */
function summaryOf(name) {
  const parts = (name.comment ?? name.signatures?.[0]?.comment)?.summary ?? [];
  const text = parts.map((part) => (part.kind === "inline-tag" ? `\`${part.text}\`` : part.text)).join("");
  const [first = ""] = text.split(/\n\n/);
  return first.replace(/\s+/g, " ").replace(/(?<=[^.]\.) (?=[A-Z`]).*$/, "");
}

const plain = (markdown) => markdown.replaceAll("`", "");

/** Links between files of typedoc's become ways between pages. */
function withLinks(text, file) {
  return changeProse(text, (prose) =>
    prose.replace(/\]\(([^)\s]+?\.md)(#[^)\s]*)?\)/g, (_all, target, anchor = "") => {
      const goal = posix.join(posix.dirname(file), target);
      return `](${posix.relative(`/${slugOf(file)}`, `/${slugOf(goal)}`) || "."}/${anchor})`;
    }),
  );
}

/** The search finds a name by its title. Its text weighs less than the pages that explain. */
const lightly = (text) => `\n<div class="reference" data-pagefind-weight="0.05">\n\n${text.trim()}\n\n</div>\n`;

/** The page of a name: what to import, and what typedoc says. */
function writeName(name, specifiers) {
  const file = fileOf(name);
  const [, text = ""] = /^# .+\n([\s\S]*)$/.exec(readFileSync(join(RAW, file), "utf8")) ?? [];
  const [first, ...others] = specifiers;
  const isType = name.kindOf(ReflectionKind.SomeType) && !name.kindOf(ReflectionKind.Class);
  const also = others.length === 0 ? "" : `Also from ${others.map((each) => `\`${each}\``).join(", ")}.\n\n`;
  const code = `\`\`\`ts\nimport ${isType ? "type " : ""}{ ${name.name} } from "${first}";\n\`\`\`\n\n`;
  writePage(slugOf(file), name.name, lightly(`${code}${also}${withLinks(text, file)}`), {
    description: plain(summaryOf(name)) || `The ${KINDS.get(name.kind)} ${name.name} of ${first}.`,
    tableOfContents: { maxHeadingLevel: 3 },
  });
}

/** The page of an entry: each of its names, what it is, and what it is for. */
function writeEntry(module) {
  const file = `${module.name}/index.md`;
  const sections = GROUPS.flatMap(([title, kinds]) => {
    const names = module.children.map(declared).filter((name) => name.kindOf(kinds));
    if (names.length === 0) return [];
    const rows = names
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
      .map((name) => `| [\`${name.name}\`](/${fileOf(name)}) | ${summaryOf(name).replaceAll("|", "\\|")} |`);
    return [`## ${title}`, ["| name | |", "|---|---|", ...rows].join("\n")];
  });
  const text = sections
    .join("\n\n")
    .replace(/\]\(\/([^)]+)\)/g, (_all, goal) => `](${posix.relative(posix.dirname(file), goal)})`);
  writePage(slugOf(file), module.name, lightly(withLinks(text, file)), {
    description: `The public names of ${module.name}.`,
  });
}

/** Writes the pages. Whatever typedoc warns of ends the build. */
export async function writeReference() {
  rmSync(RAW, { recursive: true, force: true });
  const app = await Application.bootstrapWithPlugins(OPTIONS);
  const project = await app.convert();
  if (project === undefined) throw new Error("typedoc made nothing of src/entry");
  for (const module of project.children)
    module.name = module.name === "index" ? "payme-kit" : `payme-kit/${module.name}`;
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error("typedoc is not content with the doc comments: see above");
  const specifiers = new Map();
  for (const { specifier } of entries) {
    const module = project.children.find(({ name }) => name === specifier);
    writeEntry(module);
    for (const name of new Set(module.children.map(declared)))
      specifiers.set(name, [...(specifiers.get(name) ?? []), specifier]);
  }
  for (const [name, from] of specifiers) writeName(name, from);
  return specifiers.size;
}
