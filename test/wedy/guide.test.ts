import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { describeWith } from "../machine";
import { SUCCESS_RATE, WEBHOOK_PROCESSING } from "./guide-blocks";
import { printedToken, type Started, start, temporaryFolder } from "./started";

/** The guide's "Test Payment Flow", as printed. */
const CREATE_TARIFF = `curl -X POST "http://localhost:8000/tariffs" \\
     -H "Authorization: Bearer <admin_token>" \\
     -F "name=Test Tariff" \\
     -F "price=1000" \\
     -F "duration_days=7"`;
const PURCHASE = `curl -X POST "http://localhost:8000/tariffs/1/purchase" \\
     -H "Authorization: Bearer <user_token>"`;
/** Runs a command of the guide in a shell, the tokens and the port filled in; gives the answer. */
async function curl(command: string, server: Started): Promise<Record<string, unknown>> {
  const filled = command
    .replace("localhost:8000", new URL(server.url).host)
    .replace("<admin_token>", printedToken(server.output(), "Admin"))
    .replace("<user_token>", printedToken(server.output(), "User"));
  const { stdout } = await promisify(execFile)("sh", ["-c", filled.replace("curl ", "curl -s ")]);
  return JSON.parse(stdout);
}

/** What a payer does on the payment page. */
function payOnPage(paymentUrl: unknown, number = "8600 1234 5678 9012"): Promise<Response> {
  const body = new URLSearchParams({ number, expire: "12/39", cvv: "123", action: "pay" });
  return fetch(String(paymentUrl), { method: "POST", body });
}

async function me(server: Started): Promise<unknown> {
  const headers = { Authorization: `Bearer ${printedToken(server.output(), "User")}` };
  return (await fetch(`${server.url}/users/me`, { headers })).json();
}

/** How many payments were notified of, by the guide's query. */
function processed(folder: string): unknown {
  const database = new Database(join(folder, "wedy.db"), { readonly: true });
  const row = database.prepare(WEBHOOK_PROCESSING).get();
  database.close();
  return Object(row).processed_webhooks;
}

describeWith("curl", "the guide's test payment flow, curl by curl", () => {
  it("works on a fresh database and on a used one", async () => {
    const folder = temporaryFolder();
    const ids: unknown[] = [];
    for (let run = 1; run <= 2; run += 1) {
      const server = await start(folder);
      expect(await curl(CREATE_TARIFF, server)).toMatchObject({
        tariff: { name: "Test Tariff", price: 1000, duration_days: 7, is_active: true },
      });
      const bought = await curl(PURCHASE, server);
      expect(bought).toMatchObject({ success: true, tariff: { id: 1 }, transaction_id: expect.any(String) });
      expect((await payOnPage(bought.payment_url)).status).toBe(200);
      expect(await me(server)).toMatchObject({ id: "user123", tariff_id: 1 });
      ids.push(bought.transaction_id);
      // Left unpaid: the next run must not answer it again, for its mock is on another port. It cancels it, and is notified.
      await curl(PURCHASE, server);
      if (run === 2) await expect.poll(() => processed(folder), { timeout: 10_000 }).toBe(3);
      expect(await server.stop()).toBe(0);
    }
    expect(new Set(ids).size).toBe(2);

    // "Check Logs": tail -f app.log | grep -i payme
    const found = readFileSync(join(folder, "app.log"), "utf8")
      .split("\n")
      .filter((line) => /payme/i.test(line));
    expect(found.some((line) => JSON.parse(line).message === "webhook")).toBe(true);

    const database = new Database(join(folder, "wedy.db"), { readonly: true });
    const transaction = String(ids[0]);
    const payment = database.prepare("SELECT * FROM payment WHERE payme_transaction_id = ?").get(transaction);
    expect(payment).toMatchObject({ user_id: "user123", status: "PAID", amount: 5_000_000, payment_method: "PAYME" });
    const user = database.prepare("SELECT * FROM user WHERE id = 'user123';").get();
    expect(user).toMatchObject({ tariff_id: 1, tariff_expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:/) });
    expect(database.prepare(SUCCESS_RATE).get()).toEqual({
      total_payments: 4,
      successful_payments: 2,
      success_rate: 50,
    });
    expect(database.prepare(WEBHOOK_PROCESSING).get()).toEqual({ total_webhooks: 4, processed_webhooks: 3 });
    database.close();
  });

  it("pays with the HUMO card, too, and not with a card that nobody knows", async () => {
    const server = await start(temporaryFolder());
    const bought = await curl(PURCHASE, server);
    expect((await payOnPage(bought.payment_url, "8600 0000 0000 0000")).status).toBe(422);
    expect(await me(server)).toMatchObject({ tariff: null });
    expect((await payOnPage(bought.payment_url, "9860 1234 5678 9012")).status).toBe(200);
    expect(await me(server)).toMatchObject({ tariff_id: 1 });
  });
});
