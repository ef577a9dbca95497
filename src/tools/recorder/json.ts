/** An object of JSON. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** True for an object that is no array. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a path inside JSON; undefined where nothing does. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inside, name) => (isRecord(inside) ? inside[name] : undefined), value);
}

/** A copy with each leaf changed; `name` is the member that holds it. */
export function mapLeaves(value: unknown, change: (leaf: unknown, name: string) => unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => mapLeaves(item, change, name));
  if (!isRecord(value)) return change(value, name);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapLeaves(member, change, key)]));
}
