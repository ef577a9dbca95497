import { join, resolve } from "node:path";
import ts from "typescript";
import { entries } from "../../scripts/entries.mjs";

const root = resolve(import.meta.dirname, "../..");

/** What a name is to whoever imports it. A class is a value too; a value may have a type of the same name. */
export type NameKind = "class" | "value" | "type";

/** The names of one entry. */
export interface EntrySurface {
  readonly specifier: string;
  readonly names: readonly { readonly name: string; readonly kind: NameKind }[];
}

/** Asks TypeScript what each entry exports. */
export function publicSurface(): EntrySurface[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = entries.map(({ source }) => join(root, source));
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  return entries.map(({ specifier, source }) => {
    const file = program.getSourceFile(join(root, source));
    const entry = file && checker.getSymbolAtLocation(file);
    if (entry === undefined) throw new Error(`${source} exports nothing`);
    const names = checker.getExportsOfModule(entry).map((symbol) => ({
      name: symbol.name,
      kind: kindOf(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol),
    }));
    return { specifier, names: names.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
}

/** The surface as text: an entry, how much it has, a name a line. */
export function surfaceText(surface: readonly EntrySurface[]): string {
  const head = "The public names of each entry. Written by: UPDATE_SURFACE=1 npx vitest run test/entry\n";
  const blocks = surface.map(({ specifier, names }) => {
    const types = names.filter(({ kind }) => kind === "type").length;
    const lines = (["class", "value", "type"] as const).flatMap((kind) =>
      names.filter((one) => one.kind === kind).map(({ name }) => `  ${kind.padEnd(5)} ${name}`),
    );
    return [`${specifier}: ${names.length - types} values, ${types} types`, ...lines, ""].join("\n");
  });
  return [head, ...blocks].join("\n");
}

function kindOf({ flags }: ts.Symbol): NameKind {
  if (flags & ts.SymbolFlags.Class) return "class";
  return flags & ts.SymbolFlags.Value ? "value" : "type";
}
