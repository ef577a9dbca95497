import type pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import {
  type PostgresClient,
  type PostgresPool,
  type PostgresStatement,
  postgresStorage,
} from "../../src/entry/postgres";
import { commitChange } from "../../src/ledger";
import { paymentRow, scope } from "../ledger/rows";
import { postgresKit } from "../storage/postgres-kits";
import { describeOnPostgres, openPool } from "./database";

/** A storage over connections that send without waiting, on the tables of a kit. */
async function open(config: pg.PoolConfig = {}, wrap: (pool: pg.Pool) => PostgresPool = (pool) => pool) {
  const kit = await postgresKit();
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  const pool = openPool(kit.url, { pipeline: true, max: 1, ...config });
  onTestFinished(() => pool.end());
  return { kit, storage: postgresStorage(wrap(pool), { schema: kit.schema }) };
}

/** Connections on which each BEGIN is refused. */
function refusingBegin(pool: pg.Pool): PostgresPool {
  return {
    on: (event, listener) => pool.on(event, listener),
    connect: (callback) =>
      pool.connect((error, client) => {
        if (client === undefined) return callback(error, undefined);
        const bare: PostgresClient = client;
        const refusing: PostgresClient = {
          pipeline: true,
          query: (statement: string | PostgresStatement, values?: unknown[]) =>
            typeof statement === "string"
              ? bare.query(statement.replace(/^BEGIN/, "BEGUN"), values)
              : bare.query(statement),
          release: (destroy) => bare.release(destroy),
          on: (event, listener) => bare.on(event, listener),
          removeListener: (event, listener) => bare.removeListener(event, listener),
        };
        callback(error, refusing);
      }),
  };
}

describeOnPostgres("statements that are sent together", () => {
  it("commit nothing where the last one fails", async () => {
    const { kit, storage } = await open();
    await storage.addPayment(paymentRow());
    await kit.pool.query(`ALTER TABLE ${kit.schema}.payme_event RENAME TO elsewhere`);
    const logger = { info() {}, warn() {}, error() {} };
    const settling = commitChange(
      { storage, now: () => 2, logger },
      {
        ...scope,
        subject: "payment-1",
        paymeId: "payme-1",
        guard: (verbs) => verbs.changePayment(scope, "payment-1", { from: ["PENDING"], to: "PAID", at: 2 }),
        hook: {
          name: "onPaid",
          async run(_row, tx) {
            await kit.host.add(tx, "host-1");
            return true;
          },
        },
        events: () => [{ ...scope, kind: "payment.paid", subject: "payment-1", at: 2 }],
      },
    );
    await expect(settling).rejects.toMatchObject({ code: "42P01" });
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
    expect(await kit.host.has("host-1")).toBe(false);
  });

  it("write nothing where BEGIN fails, ours and the host's", async () => {
    const { kit, storage } = await open({}, refusingBegin);
    for (let n = 0; n < 2; n += 1) {
      await expect(storage.addPayment(paymentRow())).rejects.toMatchObject({ code: "42601" });
      await expect(storage.transaction(async (tx) => kit.host.add(tx, "host-1"))).rejects.toMatchObject({
        code: "42601",
      });
      await expect(storage.read((tx) => tx.query("SELECT 1"))).rejects.toMatchObject({ code: "42601" });
    }
    expect(await kit.storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
    expect(await kit.host.has("host-1")).toBe(false);
  });

  it("refuse whatever comes after the last one", async () => {
    const { storage } = await open();
    await storage.addPayment(paymentRow());
    const event = { ...scope, kind: "payment.paid", subject: "payment-1", at: 2 };
    const going = storage.transaction(async (tx) => {
      await storage.using(tx).appendEvents([event], undefined, { ends: true });
      await tx.query("SELECT 1");
    });
    await expect(going).rejects.toMatchObject({ code: "STORAGE_MISUSE" });
    await expect(storage.transaction(async (tx) => tx.query("SELECT 1"))).resolves.toBeDefined();
  });

  it.each(["on", "off"])("carry any text, with standard_conforming_strings %s", async (setting) => {
    const { storage } = await open({ options: `-c standard_conforming_strings=${setting}` });
    const description = "'; DROP TABLE payme_payment; -- \\' \\\\ $1 $$ E'\\x41' \u{1F600} \n\t\"";
    // The first one asks the connection for its default, the second one goes with BEGIN.
    for (const id of ["payment-1", "payment-2"]) {
      const added = await storage.addPayment(paymentRow({ id, reference: null, description }));
      expect(added).toMatchObject({ outcome: "applied", row: { description } });
    }
  });
});
