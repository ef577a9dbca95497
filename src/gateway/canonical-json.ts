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
  const parts: string[] = [];
  print(withoutMember(tree, options.omitTopLevel), options.sortKeys ?? false, parts);
  return parts.join("");
}

function withoutMember(tree: JsonTree, name: string | undefined): JsonTree {
  if (name === undefined || !(tree instanceof Map) || !tree.has(name)) return tree;
  return new Map([...tree].filter(([key]) => key !== name));
}

function print(tree: JsonTree, sortKeys: boolean, parts: string[]): void {
  if (typeof tree === "string") {
    parts.push(tree);
  } else if (Array.isArray(tree)) {
    printList("[", tree, "]", parts, (item) => print(item, sortKeys, parts));
  } else {
    const members = [...tree];
    if (sortKeys) members.sort(([a], [b]) => compareCodePoints(a, b));
    printList("{", members, "}", parts, ([key, value]) => {
      parts.push(pythonString(key), ":");
      print(value, sortKeys, parts);
    });
  }
}

function printList<Item>(
  open: string,
  items: readonly Item[],
  close: string,
  parts: string[],
  printItem: (item: Item) => void,
): void {
  parts.push(open);
  items.forEach((item, index) => {
    if (index > 0) parts.push(",");
    printItem(item);
  });
  parts.push(close);
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
