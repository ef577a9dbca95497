import { isRecord, type JsonRecord } from "./json";

/** Where an answer is not as it was recorded. */
export interface ReplayDifference {
  /** The call's number in the recording. */
  readonly n: number;
  readonly method: string;
  /**
   * `code`: another error, or one instead of a result. `state`: another state. `shape`: a member more or less, or of
   * another type. `http`: status or content type. `text`: words that a person reads; they break nothing.
   */
  readonly kind: "http" | "code" | "state" | "shape" | "value" | "text";
  /** Where in the answer, as `result.receipt.state`. */
  readonly path: string;
  /** Undefined: not there. */
  readonly recorded: unknown;
  /** Undefined: not there. */
  readonly given: unknown;
}

/** What the recorded ids and tokens are called now. Grows while answers are compared. */
export type KnownIds = Map<unknown, unknown>;

type Found = Pick<ReplayDifference, "kind" | "path" | "recorded" | "given">;

/** Members whose value one side made: they must be there, and the same whenever they come again. */
const ID = /^(_id|id|token|transaction|owner|cheque_id|processing_id|business_id|receipt_id)$/;
/** Made by a clock: it either is there or not (0). */
const TIME = /^(time|date|.*_time|paid_at|cancelled_at)$/;
const WORDS = /^(message|title|description|name|organization|address|logo|type|ru|uz|en|phone)$/;
/** Of this shop, not of the protocol: only what is there at all is compared. */
const OF_THE_SHOP = /\.(merchant|creator)\./;
const HIDDEN = "[hidden]";

/** Compares two JSON-RPC answers: ids by what they stand for, times by whether there is one, hidden values not at all. */
export function compareAnswers(recorded: JsonRecord, given: JsonRecord, ids: KnownIds): Found[] {
  const found: Found[] = [];

  function compare(path: string, name: string, a: unknown, b: unknown): void {
    if (a === HIDDEN) return;
    if (Array.isArray(a) && Array.isArray(b)) compareLists(path, a, b);
    else if (isRecord(a) && isRecord(b)) compareMembers(path, a, b);
    else if (typeOf(a) !== typeOf(b)) note("shape", path, a, b);
    else if (!OF_THE_SHOP.test(path) && !isSame(name, a, b)) note(kindOf(path, name), path, a, b);
  }

  function isSame(name: string, a: unknown, b: unknown): boolean {
    if (TIME.test(name)) return (a === 0) === (b === 0);
    if (!ID.test(name) || a === null) return a === b;
    const known = ids.get(a);
    if (known === undefined) ids.set(a, b);
    return known === undefined || String(known) === String(b);
  }

  function compareMembers(path: string, a: JsonRecord, b: JsonRecord): void {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const inside = path === "" ? name : `${path}.${name}`;
      const isInBoth = Object.hasOwn(a, name) && Object.hasOwn(b, name);
      if (isInBoth) compare(inside, name, a[name], b[name]);
      else note(inside === "error" || inside === "result" ? "code" : "shape", inside, a[name], b[name]);
    }
  }

  /** Items with an id are found by it, others by their place. */
  function compareLists(path: string, a: readonly unknown[], b: readonly unknown[]): void {
    const taken = new Set<unknown>();
    a.forEach((item, index) => {
      const partner = partnerOf(item, index, b);
      taken.add(partner);
      const name = path.split(".").at(-1) ?? "";
      if (partner === undefined) note("value", `${path}[${index}]`, item, undefined);
      else compare(`${path}[${index}]`, name, item, partner);
    });
    b.forEach((item, index) => {
      if (!taken.has(item)) note("value", `${path}[${index}]`, undefined, item);
    });
  }

  function partnerOf(item: unknown, index: number, others: readonly unknown[]): unknown {
    const name = isRecord(item) ? ["_id", "id", "name"].find((each) => typeof item[each] === "string") : undefined;
    if (name === undefined || !isRecord(item)) return others[index];
    const id = ids.get(item[name]) ?? item[name];
    return others.find((other) => isRecord(other) && other[name] === id);
  }

  function note(kind: Found["kind"], path: string, a: unknown, b: unknown): void {
    found.push({ kind, path, recorded: a, given: b });
  }

  // The id of the call itself is compared by what became of it.
  const { id: _a, ...recordedAnswer } = recorded;
  const { id: _b, ...givenAnswer } = given;
  compareMembers("", recordedAnswer, givenAnswer);
  return found;
}

function kindOf(path: string, name: string): Found["kind"] {
  if (path === "error.code") return "code";
  if (name === "state") return "state";
  return WORDS.test(name) ? "text" : "value";
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
