import { copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SqliteDatabase } from "../../src/entry/sqlite";
import { sqliteStorage } from "../../src/entry/sqlite";
import type { IdSource } from "../../src/kit/clock";
import { rewritten } from "../faulty/adapters/broken";
import { openShop, type Shop } from "../merchant/shop";
import { memoryBooks, type ShopBooks, sqliteBooks } from "../merchant/shop-books";
import { temporaryFolder } from "../storage/kits";
import { type MerchantModel, ORDERS } from "./merchant-model";

/** How the next call goes wrong inside its hook: it throws, or the process dies there and starts again on what the disk holds. */
export type Fault = "none" | "hook fails" | "crash";

/** How the SQLite shop reaches its database; another one makes it a broken adapter. */
export type Open = (file: string) => SqliteDatabase;

/** Two shops on one clock, one in memory and one on SQLite; what is done to one is done to the other. */
export class MerchantWorld {
  fault: Fault = "none";
  /** How many crashes fell inside a hook, over all worlds. */
  static crashes = 0;
  readonly memory: Shop;
  sqlite: Shop;
  readonly #model: Readonly<MerchantModel>;
  readonly #folder = temporaryFolder();
  readonly #open: Open;
  /** Goes on over restarts, so that both shops give the same ids to the same transactions. */
  readonly #sqliteIds = idSource();
  #file = this.#folder.file;
  #generation = 0;
  #books: ReturnType<typeof sqliteBooks>;
  /** Where a crash left the database. */
  #left: string | undefined;

  constructor(model: Readonly<MerchantModel>, open: Open = rewritten()) {
    this.#model = model;
    this.#open = open;
    this.memory = this.#shop(
      this.#failing(memoryBooks(), () => {}),
      idSource(),
    );
    this.#books = sqliteBooks(this.#file, sqliteStorage({ file: this.#file, open }));
    this.sqlite = this.#sqliteShop();
  }

  get shops(): readonly Shop[] {
    return [this.memory, this.sqlite];
  }

  /** The process ends in good order and starts again. */
  async reopen(file = this.#file): Promise<void> {
    await this.#books.close();
    this.#file = file;
    this.#books = sqliteBooks(file, sqliteStorage({ file, open: this.#open }));
    this.sqlite = this.#sqliteShop();
    await this.sqlite.ready;
  }

  /** After a call in which the process died: another one starts on what was on the disk at that moment. */
  async recover(): Promise<void> {
    if (this.#left === undefined) return;
    MerchantWorld.crashes += 1;
    const file = this.#left;
    this.#left = undefined;
    await this.reopen(file);
  }

  async close(): Promise<void> {
    await this.#books.close();
    this.#folder.remove();
  }

  #sqliteShop(): Shop {
    return this.#shop(
      this.#failing(this.#books, () => this.#keepDisk()),
      this.#sqliteIds,
    );
  }

  #shop<Tx>(books: ShopBooks<Tx>, newId: IdSource): Shop {
    return openShop(books, { now: () => this.#model.now, newId }, ORDERS);
  }

  /** Hooks write, and then fail where they are told to: half of their work is done. */
  #failing<Tx>(books: ShopBooks<Tx>, onCrash: () => void): ShopBooks<Tx> {
    let isOpen = false;
    return {
      ...books,
      async open(orders) {
        await books.open(orders);
        isOpen = true;
      },
      save: async (tx, order) => {
        await books.save(tx, order);
        if (!isOpen || this.fault === "none") return;
        if (this.fault === "crash") onCrash();
        throw new Error(this.fault);
      },
    };
  }

  #keepDisk(): void {
    this.#generation += 1;
    const left = join(dirname(this.#folder.file), `crashed-${this.#generation}.db`);
    for (const suffix of ["", "-wal"]) {
      if (existsSync(this.#file + suffix)) copyFileSync(this.#file + suffix, left + suffix);
    }
    this.#left = left;
  }
}

function idSource(): IdSource {
  let last = 0;
  return () => `our-${++last}`;
}
