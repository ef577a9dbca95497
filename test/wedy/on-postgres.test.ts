import { postgresStorage } from "payme-kit/postgres";
import { onTestFinished } from "vitest";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";
import { keepBooks } from "./shop";

/** The server behaves the same on PostgreSQL: these are the tests that run in memory by themselves. */
describeOnPostgres("on PostgreSQL", async () => {
  keepBooks(async () => {
    const pool = openPool(await databaseUrl());
    onTestFinished(() => pool.end());
    return postgresStorage(pool, { schema: newSchema() });
  });
  await import("./guide.test");
  await import("./tariffs.test");
  await import("./payments.test");
  await import("./webhook.test");
  await import("./merchant.test");
  await import("./checkout-link.test");
  await import("./payme-fails.test");
  await import("./authenticate.test");
  await import("./subscriptions.test");
  await import("./bad-input.test");
});
