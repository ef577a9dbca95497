import { parseJsonTree } from "./json-tree";
import { type CanonicalOptions, printJsonTree } from "./print-json-tree";

/**
 * JSON text in the form that Python's `json.dumps(json.loads(text), separators=(",", ":"))` prints, byte for byte: what
 * the Wedy guide signs. Undefined where Python would refuse the text, or where it is deeper or has longer numbers than
 * Python's limits. Takes time in proportion to the text.
 *
 * @example canonicalJson('{ "a": 1.0, "ў": 2 }') // '{"a":1.0,"\\u045e":2}'
 */
export function canonicalJson(text: string, options: CanonicalOptions = {}): string | undefined {
  const tree = parseJsonTree(text);
  return tree === undefined ? undefined : printJsonTree(tree, options);
}
