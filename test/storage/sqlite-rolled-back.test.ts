import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SqliteHandle, sqliteStorage } from "../../src/entry/sqlite";
import { commitChange } from "../../src/ledger";
import { paymentRow, scope } from "../ledger/rows";

/** SQLite ends a transaction by itself: `OR ROLLBACK`, a trigger, a full disk. What follows must not be written outside of it. */
describe("a transaction that SQLite rolled back inside a hook that went on", () => {
  let directory = "";
  let storage = sqliteStorage({ file: ":memory:" });
  const logger = { info() {}, warn() {}, error() {} };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "payme-kit-"));
    storage = sqliteStorage({ file: join(directory, "shop.db") });
    await storage.migrate();
    await storage.transaction(async (tx) => {
      tx.exec("CREATE TABLE delivery (payment_id TEXT PRIMARY KEY)");
      tx.exec("INSERT INTO delivery VALUES ('earlier')");
    });
    await storage.addPayment(paymentRow());
  });

  afterEach(async () => {
    await storage.close();
    rmSync(directory, { recursive: true });
  });

  const settle = (hook: (tx: SqliteHandle) => void) =>
    commitChange(
      { storage, now: () => 2, logger },
      {
        ...scope,
        subject: "payment-1",
        paymeId: "payme-1",
        guard: (verbs) => verbs.changePayment(scope, "payment-1", { from: ["PENDING"], to: "PAID", at: 2 }),
        hook: {
          name: "onPaid",
          run(_row, tx) {
            hook(tx);
            return true;
          },
        },
        events: () => [{ ...scope, kind: "payment.paid", subject: "payment-1", at: 2 }],
      },
    );

  /** As a hook does that takes any error of this statement for "delivered already". */
  function rollBackUnseen(tx: SqliteHandle): void {
    try {
      tx.prepare("INSERT OR ROLLBACK INTO delivery VALUES ('earlier')").run();
    } catch {
      // The shop goes on.
    }
  }

  const deliveries = () =>
    storage.transaction(async (tx) => tx.prepare("SELECT payment_id FROM delivery ORDER BY payment_id").all());

  it("writes none of the hook's later rows", async () => {
    const settling = settle((tx) => {
      rollBackUnseen(tx);
      tx.prepare("INSERT INTO delivery VALUES ('payment-1')").run();
    });
    await expect(settling).rejects.toMatchObject({ name: "PaymeEffectError" });
    expect(await deliveries()).toEqual([{ payment_id: "earlier" }]);
  });

  it("writes no event of a payment that is not booked", async () => {
    await expect(settle(rollBackUnseen)).rejects.toThrow("rolled back");
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
    expect(await storage.listEvents(scope, { kinds: ["payment.paid"], limit: 9 })).toEqual([]);
  });

  it("leaves the storage in order for the next one", async () => {
    await expect(settle(rollBackUnseen)).rejects.toThrow();
    expect(await settle(() => {})).toMatchObject({ outcome: "applied", row: { status: "PAID" } });
  });
});
