import { pythonNumber } from "./python-number";
import { pythonString } from "./python-string";

/**
 * JSON as a tree that keeps what `JSON.parse` loses: the order of all keys (also of those that look like integers) and
 * numbers of any length. Leaves are texts, ready to print.
 */
export type JsonTree = string | JsonTree[] | Map<string, JsonTree>;

/** Python refuses text that is somewhat deeper than this, by how deep its caller already is. */
const MAX_DEPTH = 500;

/** Reads JSON as Python's `json.loads` does; undefined where that would refuse. A repeated key keeps its first place. */
export function parseJsonTree(text: string): JsonTree | undefined {
  const reader = new Reader(text);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

class Refused extends Error {}

/** Sticky patterns: each looks only at the reader's position, so reading takes time in proportion to the text. */
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON refuses them inside strings, and so must we.
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /true|false|null|NaN|-?Infinity/y;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonTree {
    const tree = this.#value(0);
    if (this.#at < this.#text.length) throw new Refused();
    return tree;
  }

  /** A value and the white space around it. */
  #value(depth: number): JsonTree {
    this.#take(SPACE);
    const tree = this.#bareValue(depth);
    this.#take(SPACE);
    return tree;
  }

  #bareValue(depth: number): JsonTree {
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#object(depth + 1);
      case 0x5b:
        return this.#array(depth + 1);
      case 0x22:
        return pythonString(this.#string());
      default:
        return this.#take(WORD) ?? this.#number();
    }
  }

  #object(depth: number): JsonTree {
    const members = new Map<string, JsonTree>();
    this.#enter(depth);
    this.#take(SPACE);
    if (this.#skip("}")) return members;
    do {
      this.#take(SPACE);
      const key = this.#string();
      this.#take(SPACE);
      if (!this.#skip(":")) throw new Refused();
      members.set(key, this.#value(depth));
    } while (this.#skip(","));
    if (!this.#skip("}")) throw new Refused();
    return members;
  }

  #array(depth: number): JsonTree {
    const items: JsonTree[] = [];
    this.#enter(depth);
    this.#take(SPACE);
    if (this.#skip("]")) return items;
    do {
      items.push(this.#value(depth));
    } while (this.#skip(","));
    if (!this.#skip("]")) throw new Refused();
    return items;
  }

  #enter(depth: number): void {
    if (depth > MAX_DEPTH) throw new Refused();
    this.#at += 1;
  }

  #number(): string {
    const literal = this.#take(NUMBER);
    const printed = literal === undefined ? undefined : pythonNumber(literal);
    if (printed === undefined) throw new Refused();
    return printed;
  }

  /** A string's content, escapes resolved. Half of a surrogate pair stays as it is, as in Python. */
  #string(): string {
    if (!this.#skip('"')) throw new Refused();
    const parts: string[] = [];
    for (;;) {
      parts.push(this.#take(PLAIN) ?? "");
      if (this.#skip('"')) return parts.join("");
      const sequence = this.#take(ESCAPE);
      if (sequence === undefined) throw new Refused();
      parts.push(unescaped(sequence));
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function unescaped(sequence: string): string {
  const letter = sequence.charAt(1);
  if (letter === "u") return String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
  return SHORT_ESCAPES[letter] ?? letter;
}
