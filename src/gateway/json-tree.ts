import { pythonNumber, pythonString } from "./python-json";

/**
 * JSON as a tree. It keeps the order of all keys and numbers of any length, which `JSON.parse` loses. Its leaves are texts,
 * ready to print.
 */
export type JsonTree = string | JsonTree[] | Map<string, JsonTree>;

/** Python's own limit is somewhat higher, and depends on how deep its caller already is. */
const MAX_DEPTH = 500;

/** Reads JSON as Python's `json.loads` does; undefined where Python refuses it. A repeated key keeps its first place. */
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

/** Sticky patterns. Each looks only at the reader's position, so reading takes time in proportion to the text. */
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON refuses them inside strings, and so must we.
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /true|false|null|NaN|-?Infinity/y;
const SPACE = [0x20, 0x0a, 0x0d, 0x09];

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
    this.#skipSpace();
    const tree = this.#bareValue(depth);
    this.#skipSpace();
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
    this.#skipSpace();
    if (this.#skip("}")) return members;
    do {
      this.#skipSpace();
      const key = this.#string();
      this.#skipSpace();
      if (!this.#skip(":")) throw new Refused();
      members.set(key, this.#value(depth));
    } while (this.#skip(","));
    if (!this.#skip("}")) throw new Refused();
    return members;
  }

  #array(depth: number): JsonTree {
    const items: JsonTree[] = [];
    this.#enter(depth);
    this.#skipSpace();
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
    let content = "";
    for (;;) {
      content += this.#take(PLAIN) ?? "";
      if (this.#skip('"')) return content;
      const sequence = this.#take(ESCAPE);
      if (sequence === undefined) throw new Refused();
      content += String(JSON.parse(`"${sequence}"`));
    }
  }

  #take(pattern: RegExp): string | undefined {
    const start = this.#at;
    pattern.lastIndex = start;
    if (!pattern.test(this.#text)) return undefined;
    this.#at = pattern.lastIndex;
    return this.#text.slice(start, this.#at);
  }

  #skipSpace(): void {
    while (SPACE.includes(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}
