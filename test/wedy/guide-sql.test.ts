import { createPayments, som } from "payme-kit";
import { createTariffs } from "payme-kit/tariffs";
import { describe, expect, it } from "vitest";
import { GUIDE_TABLE, statementsOf, USER_UPDATES, VERIFY_DATABASE } from "./guide-blocks";
import { type GuideDatabase, onBoth } from "./guide-books";

/** How each statement of a block ended: its rows, or `refused`. */
async function run({ ask }: GuideDatabase, block: string): Promise<unknown[]> {
  const ends: unknown[] = [];
  for (const statement of statementsOf(block)) ends.push(await ask(statement).catch(() => "refused"));
  return ends;
}

const quoted = (block: string) => block.replaceAll(" user ", ' "user" ');

/** The three queries of its section on metrics are in guide-tables.test.ts. */
describe("the SQL that the guide prints", () =>
  onBoth((open) => {
    it("makes its payment table on an empty database, as it stands", async () => {
      expect(await run(await open(), GUIDE_TABLE)).toEqual([[], [], [], [], []]);
    });

    it("asks what the server has made, but for `FROM user` on PostgreSQL: there the name needs quotes", async () => {
      const database = await open();
      const { storage, store } = database.openBooks();
      const payments = createPayments({ storage, payUrl: () => "https://example.uz" });
      const tariffs = createTariffs({ payments, store });
      await tariffs.migrate();
      await tariffs.addUser("user_id");
      const at = Date.UTC(2026, 0, 15);
      await payments.import([
        { id: "1", amount: som(5), status: "PAID", createdAt: at, paidAt: at, transactionId: "transaction_id" },
      ]);
      const [payment, user] = await run(database, VERIFY_DATABASE);
      expect(payment).toMatchObject([{ id: "1", status: "PAID" }]);
      const row = { id: "user_id", tariff_id: null, tariff_expires_at: null };
      const isPostgres = database.dialect === "postgres";
      expect(user).toEqual(isPostgres ? "refused" : [expect.objectContaining(row)]);
      expect((await run(database, quoted(VERIFY_DATABASE)))[1]).toMatchObject([row]);
      // The server's table has what the guide adds, its foreign key too.
      expect(await run(database, quoted(USER_UPDATES))).toEqual(["refused", "refused", "refused"]);
      const wrong = `UPDATE "user" SET tariff_id = 99 WHERE id = 'user_id'`;
      if (isPostgres) await expect(database.ask(wrong)).rejects.toThrow("fk_user_tariff");
    });

    it("adds its columns to a user table of one's own; SQLite adds no constraint, PostgreSQL wants the name in quotes", async () => {
      const database = await open();
      await database.ask("CREATE TABLE tariff (id INTEGER PRIMARY KEY)");
      await database.ask('CREATE TABLE "user" (id VARCHAR PRIMARY KEY)');
      const isPostgres = database.dialect === "postgres";
      const refused = ["refused", "refused", "refused"];
      expect(await run(database, USER_UPDATES)).toEqual(isPostgres ? refused : [[], [], "refused"]);
      if (isPostgres) expect(await run(database, quoted(USER_UPDATES))).toEqual([[], [], []]);
    });
  }));
