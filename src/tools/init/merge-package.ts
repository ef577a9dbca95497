import { fittedScript, type Place } from "./fit";
import { packageSchema, SECTIONS, type Template } from "./template";

/** A package.json with what an example needs, and the scripts of the same name that say something else. */
export interface MergedPackage {
  readonly text: string;
  readonly replaced: readonly string[];
}

/** The scripts that a project gets for those of the example. */
const SCRIPTS: Readonly<Record<string, string>> = { start: "payme", test: "payme:test", certify: "payme:certify" };

/** Adds the scripts and packages that are not there. What is there stays, save a script of our name. */
export function mergePackage(
  before: string,
  { manifest, files }: Template,
  place: Place,
  version: string,
): MergedPackage {
  const raw: object = Object(JSON.parse(before));
  const own = packageSchema.parse(raw);
  const scripts = Object.entries(SCRIPTS).flatMap(([theirs, ours]) => {
    const command = manifest.scripts?.[theirs];
    return command === undefined ? [] : [[ours, fittedScript(command, files.keys(), place)] as const];
  });
  const isThere = (name: string) => SECTIONS.some((section) => own[section]?.[name] !== undefined);
  const sections = SECTIONS.flatMap((section) => {
    const missing = Object.entries(manifest[section] ?? {})
      .filter(([name]) => !isThere(name))
      .map(([name, tested]) => [name, `^${name === "payme-kit" ? version : tested}`] as const);
    return missing.length === 0
      ? []
      : [[section, sorted({ ...own[section], ...Object.fromEntries(missing) })] as const];
  });
  const after = {
    ...raw,
    scripts: { ...own.scripts, ...Object.fromEntries(scripts) },
    ...Object.fromEntries(sections),
  };
  const isSame = JSON.stringify(after) === JSON.stringify(raw);
  const indent = /^[ \t]+(?=")/m.exec(before)?.[0] ?? 2;
  return {
    text: isSame ? before : `${JSON.stringify(after, null, indent)}\n`,
    replaced: scripts.flatMap(([name, command]) => ([undefined, command].includes(own.scripts?.[name]) ? [] : [name])),
  };
}

/** In npm's order. */
function sorted(packages: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
}
