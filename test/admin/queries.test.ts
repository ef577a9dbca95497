import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { som } from "../../src/entry";
import { newTransaction } from "../../src/ledger";
import { sqliteKit } from "../storage/kits";
import { card, createOffice, scope } from "./kit";

/** What was found by an index, at most a limit, is read from the beginning to the end; and days and sources are few. */
const FOUND = /^SCAN (by_\w+|days|sources|CONSTANT ROW|\d CONSTANT ROWS)$/;

/** A shop whose statements are noted, with the plan that SQLite has for each. */
async function watchedOffice() {
  const statements: string[] = [];
  const kit = await sqliteKit({
    open(file) {
      const database = new Database(file);
      return {
        close: () => database.close(),
        exec: (sql) => database.exec(sql),
        get inTransaction() {
          return database.inTransaction;
        },
        prepare(sql) {
          const statement = database.prepare<unknown[]>(sql);
          const noted = <R>(run: () => R): R => {
            statements.push(sql);
            return run();
          };
          return {
            run: (...params) => noted(() => statement.run(...params)),
            get: (...params) => noted(() => statement.get(...params)),
            all: (...params) => noted(() => statement.all(...params)),
          };
        },
      };
    },
  });
  onTestFinished(() => kit.close());
  const shop = createOffice(kit.storage, { admin: { merchant: { sweep: async () => ({ expired: 0, failed: 0 }) } } });
  await shop.subscriptions.migrate();
  const bare = new Database(kit.file);
  onTestFinished(() => void bare.close());
  const plansOf = (sql: string) =>
    bare
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...[...sql.matchAll(/\?/g)].map(() => null))
      .map((step) => String(Reflect.get(Object(step), "detail")));
  return { shop, statements, plansOf };
}

async function filled() {
  const watched = await watchedOffice();
  const { shop } = watched;
  const { id, paidBy } = await shop.paid("order:1", { userId: "user-1" });
  await shop.payments.refund(id);
  await shop.late();
  await shop.parked();
  const { token } = await shop.client.cards.create({ number: card.number, expire: "0399", save: true });
  await shop.client.cards.verify({ token, code: "666666" });
  const saved = await shop.subscriptions.cards.attach({
    owner: "user-2",
    token,
    consent: { text: "I agree", version: "1" },
  });
  const { subscription } = await shop.subscriptions.create({
    owner: "user-2",
    plan: "premium",
    amount: som(50_000),
    every: { months: 1 },
    card: saved.id,
  });
  const stray = { source: "merchant", transaction: "t", account: {}, amount: som(1), time: 1, createTime: 1 } as const;
  await shop.storage.addTransaction(newTransaction({ ...scope, ...stray, paymeId: "stray", reference: "order:own" }));
  const [period] = await shop.storage.searchPayments(scope, { text: "user-2", limit: 1 });
  return { ...watched, id, paidBy: paidBy ?? "", subscription: subscription.id, period: period?.id ?? "" };
}

/** Every page, and what must be on it. */
const PAGES: readonly (readonly [name: string, words: string, (ids: Awaited<ReturnType<typeof filled>>) => object])[] =
  [
    ["search by a payment's id", "25 roses|order:1", ({ id }) => ({ q: id })],
    ["search by a Payme id", "order:1", ({ paidBy }) => ({ q: paidBy })],
    ["search by a reference", "order:1", () => ({ q: "order:1" })],
    ["search by a user with a subscription", "Subscriptions", () => ({ q: "user-2" })],
    ["search by a transaction of the shop's own order", "order:own", () => ({ q: "stray" })],
    ["search of nothing", "Nothing was found", () => ({ q: "none" })],
    ["a payment", "the goods are taken back", ({ id }) => ({ page: "payment", id })],
    ["a payment of a subscription", "subscription=", ({ period }) => ({ page: "payment", id: period })],
    ["an order of the shop's own", "order:own", () => ({ page: "payment", payme: "stray" })],
    ["a subscription", "premium", ({ subscription }) => ({ page: "payment", subscription })],
    ["waiting", "Parked messages", () => ({ page: "waiting" })],
    ["today", "Renewals", () => ({ page: "today" })],
  ];

describe("every page of the operator asks the database at most three questions, each by an index", () => {
  it.each(PAGES)("%s", async (_name, words, queryOf) => {
    const office = await filled();
    const { shop, statements, plansOf } = office;
    statements.length = 0;
    const page = await shop.get(Object.fromEntries(Object.entries(queryOf(office))));
    const asked = statements.splice(0);
    expect(page.status).toBe(200);
    expect(page.text).toMatch(new RegExp(words));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(3);
    const plans = asked.flatMap(plansOf);
    expect(plans.filter((detail) => detail.startsWith("SCAN") && !FOUND.test(detail))).toEqual([]);
    expect(plans.filter((detail) => detail.includes("(rowid>?)"))).toEqual([]);
  });

  it("the close of a day and the look at the books read by an index, too", async () => {
    const { shop, statements, plansOf } = await filled();
    for (const query of [{ close: "2026-01-15" }, { health: "1" }]) {
      statements.length = 0;
      expect((await shop.get({ page: "today", ...query })).status).toBe(200);
      const plans = statements.splice(0).flatMap(plansOf);
      expect(plans.filter((detail) => detail.startsWith("SCAN") && !FOUND.test(detail))).toEqual([]);
    }
  });

  it("this test can see a scan", async () => {
    const { plansOf } = await watchedOffice();
    expect(plansOf("SELECT id FROM payme_payment WHERE amount = ?").join()).toContain("SCAN");
  });
});
