import type { Example, Frame } from "./examples";
import { fittedScript, type Place } from "./fit";
import { packageSchema, SECTIONS, type Template } from "./template";

/** A package.json with what an example needs, and the scripts of the same name that say something else. */
export interface MergedPackage {
  readonly text: string;
  readonly replaced: readonly string[];
}

/** What is put into a project. */
export interface Fitted {
  readonly example: Example;
  readonly template: Template;
  readonly place: Place;
  /** The frames that are the project's own. */
  readonly left: readonly Frame[];
}

/** The scripts that a project gets for those of the example. */
const SCRIPTS: Readonly<Record<string, string>> = { start: "payme", test: "payme:test", certify: "payme:certify" };

/** Adds the scripts and packages that are not there. What is there stays, save a script of our name. */
export function mergePackage(
  before: string,
  { example, template: { manifest, files }, place, left }: Fitted,
  version: string,
): MergedPackage {
  const raw: object = Object(JSON.parse(before));
  const own = packageSchema.parse(raw);
  const ofFrames = (frames: readonly Frame[] = []) => new Set(frames.flatMap(({ scripts = [] }) => scripts));
  const [framed, unwanted] = [ofFrames(example.frames), ofFrames(left)];
  const scripts = Object.entries(manifest.scripts ?? {}).flatMap(([theirs, command]) => {
    const isOwn = framed.has(theirs);
    const name = isOwn ? theirs : SCRIPTS[theirs];
    if (name === undefined || unwanted.has(theirs) || (isOwn && own.scripts?.[name] !== undefined)) return [];
    return [[name, fittedScript(command, files.keys(), example, place)] as const];
  });
  const isThere = (name: string) => SECTIONS.some((section) => own[section]?.[name] !== undefined);
  const isLeft = (name: string) => left.some(({ packages = [] }) => packages.includes(name));
  const sections = SECTIONS.flatMap((section) => {
    const missing = Object.entries(manifest[section] ?? {})
      .filter(([name]) => !isThere(name) && !isLeft(name))
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
