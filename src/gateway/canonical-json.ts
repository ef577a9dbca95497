import { type JsonTree, parseJsonTree } from "./json-tree";
import { pythonString } from "./python-json";

/** Options of {@link canonicalJson}. */
export interface CanonicalOptions {
  /** Sorts the members of every object by the code points of their keys, as Python's `sort_keys=True`. Default: as sent. */
  sortKeys?: boolean | undefined;
  /** A member to leave out at the top of an object, never inside. */
  omitTopLevel?: string | undefined;
}

/**
 * JSON text in the form that Python's `json.dumps(json.loads(text), separators=(",", ":"))` prints, byte for byte: the form that
 * the Wedy guide signs. Undefined where Python refuses the text, or where the text exceeds Python's limits of depth or of
 * digits. Takes time in proportion to the text.
 *
 * @example canonicalJson('{ "a": 1.0, "ў": 2 }') // '{"a":1.0,"\\u045e":2}'
 */
export function canonicalJson(text: string, options: CanonicalOptions = {}): string | undefined {
  const tree = parseJsonTree(text);
  return tree === undefined ? undefined : printJsonTree(tree, options);
}

/** Prints a tree as compact JSON. */
export function printJsonTree(tree: JsonTree, options: CanonicalOptions): string {
  return print(withoutMember(tree, options.omitTopLevel), options.sortKeys ?? false);
}

function withoutMember(tree: JsonTree, name: string | undefined): JsonTree {
  if (name === undefined || !(tree instanceof Map) || !tree.has(name)) return tree;
  return new Map([...tree].filter(([key]) => key !== name));
}

/** It only appends: JavaScript joins such text once, at its end. */
function print(tree: JsonTree, sortKeys: boolean): string {
  if (typeof tree === "string") return tree;
  let printed = "";
  if (Array.isArray(tree)) {
    for (const item of tree) printed += `${printed && ","}${print(item, sortKeys)}`;
    return `[${printed}]`;
  }
  const members = sortKeys ? [...tree].sort(([a], [b]) => compareCodePoints(a, b)) : tree;
  for (const [key, value] of members) printed += `${printed && ","}${pythonString(key)}:${print(value, sortKeys)}`;
  return `{${printed}}`;
}

/** Python orders text by code point. JavaScript orders by unit, which puts characters beyond U+FFFF too early. */
function compareCodePoints(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length) {
    const [left = 0, right = 0] = [a.codePointAt(at), b.codePointAt(at)];
    if (left !== right) return left - right;
    at += left > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}
