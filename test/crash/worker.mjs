// A server that is killed, or its database, while Payme calls it: the built package, Express, SQLite or PostgreSQL. `two-commits` makes the
// well-known mistake: the payment and what it gives are two commits. `weak-commit` leaves the role's synchronous_commit as it is.
import { once } from "node:events";
import { writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import express from "express";
import { createPayments, som } from "payme-kit";
import { expressMerchant, expressWebhook } from "payme-kit/express";
import { createMerchantApi } from "payme-kit/merchant";
import { postgresStorage } from "payme-kit/postgres";
import { sqliteStorage } from "payme-kit/sqlite";
import { createTariffs, sqlTariffStore } from "payme-kit/tariffs";
import pg from "pg";

const [address = "", secrets = "", mistake] = process.argv.slice(2);
class WeakClient extends pg.Client {
  query(text, ...more) {
    const isText = typeof text === "string";
    return super.query(isText ? text.replace("SET LOCAL synchronous_commit = on", "SELECT 1") : text, ...more);
  }
}
const Client = mistake === "weak-commit" ? WeakClient : pg.Client;
const storage = address.startsWith("postgres:")
  ? postgresStorage(new pg.Pool({ connectionString: address, Client }))
  : sqliteStorage({ file: address });
// What goes wrong while the database is away is as it should be: the books are asked in the end.
const logger = { info() {}, warn() {}, error() {} };
const never = () => Promise.reject(new Error("Payme is not asked here"));
const client = {
  mode: "test",
  receipts: { create: never, get: never, check: never, cancel: never, getAll: never },
  receiptUrl: () => "",
};

/** Tells the driver that a call is between its first statement and its answer. Unbuffered: a kill loses nothing. */
const tellBegun = (payment) => writeSync(1, `begun ${payment.transactionId}\n`);
/** As long as a hook of a real shop may take. */
const work = () => pause(3 + Math.random() * 7);

const payments = createPayments({ storage, client, logger });
const recordWebhook = mistake === "two-commits" ? await inTwoCommits() : await inOneCommit();
const merchant = createMerchantApi({ ...payments.asOrders(), key: `live ${secrets}`, testKey: secrets, logger });
const app = express();
app.post("/payme/webhook", expressWebhook({ secret: secrets, onEvent: recordWebhook }));
app.post("/payme/merchant", expressMerchant(merchant));
// While the database is away there is nothing more to say than this.
app.use((_error, _request, response, _next) => response.status(503).end());
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
writeSync(1, `ready ${server.address().port}\n`);

async function inOneCommit() {
  const onActivated = async ({ payment }) => {
    tellBegun(payment);
    await work();
  };
  const tariffs = createTariffs({ payments, onActivated });
  await tariffs.migrate();
  if ((await tariffs.list()).total === 0)
    await tariffs.create({ name: "Premium", price: som(50_000), durationDays: 30 });
  return (event) => payments.recordWebhook(event);
}

async function inTwoCommits() {
  await storage.migrate();
  const store = sqlTariffStore(storage);
  await store.migrate();
  payments.register("tariff", {
    onPaid(payment) {
      tellBegun(payment);
      return true;
    },
  });
  return async (event) => {
    const recorded = await payments.recordWebhook(event);
    if (recorded.outcome !== "applied") return;
    await work();
    const { id, userId, updatedAt } = recorded.row;
    const grant = { tariffId: 1, name: "Premium", price: som(50_000), durationDays: 30 };
    await storage.transaction(async (tx) => {
      await store.using(tx).addGrant({ ...grant, paymentId: id, userId, settledAt: updatedAt, revokedAt: null });
    });
  };
}
