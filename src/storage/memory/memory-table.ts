import { onlyReads } from "../only-reads";

/** A table of a memory storage inside one transaction. Others see its changes after the commit. */
export interface MemoryTable<Row extends object> {
  /** The number of rows. */
  readonly size: number;
  get(key: string): Row | undefined;
  set(key: string, row: Row): void;
  delete(key: string): void;
  /** Returns copies of the rows that pass the test (default: all), in the order in which their keys were first set. */
  filter(test?: (row: Row) => boolean): Row[];
}

/** What a table refuses. */
interface TableGuards {
  readonly isReadOnly?: boolean;
  /** Throws once the transaction has ended. */
  readonly assertOpen?: () => void;
  /** True for rows that nobody may change: they are frozen once, and go in and out as they are. */
  readonly isFrozen?: boolean;
}

/** Changes on top of published rows, until they are published. Rows go in and out as copies, or frozen. */
export class DraftTable<Row extends object> implements MemoryTable<Row> {
  readonly #published: Map<string, Row>;
  readonly #isReadOnly: boolean;
  readonly #assertOpen: () => void;
  readonly #copy: (row: Row) => Row;
  #changes: Map<string, Row | undefined> | undefined;

  constructor(
    published: Map<string, Row>,
    { isReadOnly = false, assertOpen = () => {}, isFrozen = false }: TableGuards = {},
  ) {
    this.#published = published;
    this.#isReadOnly = isReadOnly;
    this.#assertOpen = assertOpen;
    this.#copy = isFrozen ? frozen : copyOf;
  }

  get size(): number {
    this.#assertOpen();
    let size = this.#published.size;
    for (const [key, row] of this.#changes ?? []) {
      size += Number(row !== undefined) - Number(this.#published.has(key));
    }
    return size;
  }

  get(key: string): Row | undefined {
    const row = this.#current(key);
    return row === undefined ? undefined : this.#copy(row);
  }

  set(key: string, row: Row): void {
    this.#change(key, this.#copy(row));
  }

  delete(key: string): void {
    this.#change(key, undefined);
  }

  filter(test: (row: Row) => boolean = () => true): Row[] {
    this.#assertOpen();
    const found: Row[] = [];
    for (const key of this.#published.keys()) {
      const row = this.#current(key);
      if (row !== undefined && test(row)) found.push(this.#copy(row));
    }
    for (const [key, row] of this.#changes ?? []) {
      if (row !== undefined && !this.#published.has(key) && test(row)) found.push(this.#copy(row));
    }
    return found;
  }

  /** Makes the changes visible to all. Synchronous: no reader sees half of them. */
  publish(): void {
    if (this.#changes === undefined) return;
    for (const [key, row] of this.#changes) {
      if (row === undefined) this.#published.delete(key);
      else this.#published.set(key, row);
    }
    this.#changes = undefined;
  }

  #current(key: string): Row | undefined {
    this.#assertOpen();
    return this.#changes?.has(key) ? this.#changes.get(key) : this.#published.get(key);
  }

  /** The first change makes the map: most tables of a transaction are only read. */
  #change(key: string, row: Row | undefined): void {
    this.#assertOpen();
    if (this.#isReadOnly) throw onlyReads();
    this.#changes ??= new Map();
    this.#changes.set(key, row);
  }
}

/** Returns a frozen row as it is, else a copy that is frozen in depth. */
function frozen<Row extends object>(row: Row): Row {
  return Object.isFrozen(row) ? row : freeze(copyOf(row));
}

/** Freezes a row that nobody else has, in depth. */
export function freeze<Value extends object>(value: Value): Value {
  for (const name in value) {
    const member = value[name];
    if (typeof member === "object" && member !== null && !Object.isFrozen(member)) freeze(member);
  }
  return Object.freeze(value);
}

/** Returns a copy that shares nothing with the row: members that are objects are cloned. */
function copyOf<Row extends object>(row: Row): Row {
  const copy = { ...row };
  for (const name in copy) {
    const member = copy[name];
    if (typeof member === "object" && member !== null) copy[name] = clone(member);
  }
  return copy;
}

/** As structuredClone, but many times faster for plain objects of plain values, which nearly all our rows have. */
function clone<Member extends object>(member: Member): Member {
  return isFlat(member) && Object.getPrototypeOf(member) === Object.prototype ? { ...member } : structuredClone(member);
}

function isFlat<Member extends object>(member: Member): boolean {
  for (const name in member) {
    const each = member[name];
    if (typeof each === "object" && each !== null) return false;
  }
  return true;
}

/** The handle of a memory transaction: tables by name, yours beside ours, committed together. */
export interface MemoryTx {
  /** Returns the table with this name, made at its first use. Our names begin with `payme_`. */
  table<Row extends object>(name: string): MemoryTable<Row>;
}
