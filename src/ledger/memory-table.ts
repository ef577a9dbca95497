/** A table of a memory storage, inside one transaction: what is set here is seen by others once the transaction commits. */
export interface MemoryTable<Row extends object> {
  get(key: string): Row | undefined;
  set(key: string, row: Row): void;
  delete(key: string): void;
  /** Copies of the rows that pass a test, all of them without one, in the order in which their keys were first set. */
  filter(test?: (row: Row) => boolean): Row[];
}

/** Changes on top of published rows, until they are published themselves. Rows go in and out as copies. */
export class DraftTable<Row extends object> implements MemoryTable<Row> {
  readonly #published: Map<string, Row>;
  readonly #changes = new Map<string, Row | undefined>();

  constructor(published: Map<string, Row>) {
    this.#published = published;
  }

  get(key: string): Row | undefined {
    const row = this.#changes.has(key) ? this.#changes.get(key) : this.#published.get(key);
    return row === undefined ? undefined : copyOf(row);
  }

  set(key: string, row: Row): void {
    this.#changes.set(key, copyOf(row));
  }

  delete(key: string): void {
    this.#changes.set(key, undefined);
  }

  filter(test: (row: Row) => boolean = () => true): Row[] {
    const found: Row[] = [];
    for (const [key, published] of this.#published) {
      const row = this.#changes.has(key) ? this.#changes.get(key) : published;
      if (row !== undefined && test(row)) found.push(copyOf(row));
    }
    for (const [key, row] of this.#changes) {
      if (row !== undefined && !this.#published.has(key) && test(row)) found.push(copyOf(row));
    }
    return found;
  }

  /** Makes the changes visible to all. Synchronous: nobody sees half of it. */
  publish(): void {
    if (this.#changes.size === 0) return;
    for (const [key, row] of this.#changes) {
      if (row === undefined) this.#published.delete(key);
      else this.#published.set(key, row);
    }
    this.#changes.clear();
  }
}

/** A copy that shares nothing with the row: members that are objects are cloned, the others are plain values. */
function copyOf<Row extends object>(row: Row): Row {
  const copy = { ...row };
  for (const name in copy) {
    const member = copy[name];
    if (typeof member === "object" && member !== null) copy[name] = clone(member);
  }
  return copy;
}

/** As structuredClone, and many times faster for plain objects of plain values: all that our own rows have, nearly. */
function clone<Member extends object>(member: Member): Member {
  const isFlat = Object.values(member).every((each) => typeof each !== "object" || each === null);
  return isFlat && Object.getPrototypeOf(member) === Object.prototype ? { ...member } : structuredClone(member);
}
