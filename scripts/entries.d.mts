/** One public entry. */
export interface Entry {
  readonly name: string;
  readonly subpath: string;
  readonly specifier: string;
  readonly source: string;
}

export const entries: readonly Entry[];
export const buildEntries: Record<string, string>;
export const sourceAliases: { find: RegExp; replacement: string }[];
export const packageFields: Record<string, unknown>;
export const typePaths: Record<string, string[]>;
