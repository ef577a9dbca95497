import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommand } from "../../examples/express-wedy/src/adopt/run-command";
import { adoptOn } from "./adopt-command";
import { BACKEND, GUIDE, insert, makeOld, type OldRow, oldPayment, PRINTED, timeText } from "./adopt-forms";
import { type GuideDatabase, onBoth } from "./guide-books";
import { temporaryFolder } from "./started";

const CREATED = Date.UTC(2026, 5, 1);

function rules(open: () => Promise<GuideDatabase>): void {
  /** The guide's tables with a few rows, and one more. */
  async function withRow(number: number, change: OldRow, form = GUIDE) {
    const database = await open();
    await makeOld(form, database, 12);
    const row = oldPayment(form, number, CREATED, { id: "odd", user_id: form.userId(1), ...change });
    await insert(database, "payment", [row]);
    return { database, adopt: adoptOn(database) };
  }

  it.each<[string, number, OldRow, string]>([
    ["som and tiyin", 1, { amount: 5_000_000 }, "unit"],
    ["two clocks of created_at", 1, { created_at: timeText(BACKEND, CREATED) }, "clock.created_at"],
    ["a payment that was paid before it was made", 1, { paid_at: "2026-05-31 19:01:00" }, "clock.paid_at"],
    ["a word that nobody knows", 4, { status: "on_hold" }, "statuses.on_hold"],
    ["a word that its rows belie", 4, { status: "completed" }, "statuses.completed"],
  ])("%s: the plan has an open question, and run refuses it", async (_name, number, change, question) => {
    const { adopt, database } = await withRow(number, change);
    const inspected = await adopt.run("inspect");
    expect(inspected).toMatchObject({ code: 0, out: expect.stringMatching(/[1-9] open question/) });
    for (const command of ["plan", "run"]) {
      const refused = await adopt.run(command);
      expect(refused.code).toBe(2);
      expect(refused.err).toContain(`${question}: `);
    }
    await expect(database.ask("SELECT 1 FROM payment_before_adopt")).rejects.toThrow();
  });

  it("without evidence nothing is guessed", async () => {
    const database = await open();
    await makeOld(GUIDE, database, 12);
    await database.ask("UPDATE payment SET payme_transaction_id = 'receipt-' || id, tariff_id = NULL");
    const adopt = adoptOn(database);
    await adopt.run("inspect");
    const { unit, clock } = adopt.plan();
    expect([unit.is, clock.created_at.is, clock.paid_at.is, clock.tariff_expires_at.is]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it.each<[string, number, OldRow, RegExp]>([
    ["PAID without paid_at", 1, { paid_at: null }, /PAID without paid_at/],
    ["paid without Payme's id", 1, { payme_transaction_id: null }, /without a payme_transaction_id/],
    ["FAILED with paid_at", 4, { paid_at: "2026-06-01 00:01:00" }, /FAILED with a paid_at/],
    ["open without a tariff", 5, { tariff_id: null }, /open, and its tariff null/],
    ["an amount of 0", 1, { amount: 0, tariff_id: null }, /no whole number of tiyin/],
    ["no created_at", 1, { created_at: null }, /created_at is empty/],
    ["no status", 4, { status: null }, /status is empty/],
  ])(
    "%s fits no rule: the list, and nothing is changed; left out, the rest goes",
    async (_name, number, change, why) => {
      const { adopt, database } = await withRow(number, change);
      await adopt.run("inspect");
      adopt.change((plan) => {
        // The one row is for the list, not for the findings.
        for (const found of Object.values<{ is: string }>(plan.clock)) found.is = "UTC";
      });
      const refused = await adopt.run("run");
      expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(why) });
      expect(refused.out).toMatch(/^payment odd: [^\n]+\n$/);
      expect(refused.err).toContain("leave_out");
      await expect(database.ask("SELECT 1 FROM payment_before_adopt")).rejects.toThrow();
      adopt.change((plan) => plan.leave_out.payments.push("odd"));
      expect(await adopt.run("run")).toMatchObject({ code: 0, out: expect.stringContaining("12 payments imported") });
      expect((await adopt.run("verify")).code).toBe(0);
    },
  );

  it("one receipt that paid two payments, and a user whose tariff has no end, fit no rule", async () => {
    const { adopt, database } = await withRow(1, { payme_transaction_id: "the-same" });
    await insert(database, "payment", [
      oldPayment(GUIDE, 1, CREATED, { id: "odd-2", payme_transaction_id: "the-same" }),
    ]);
    await database.ask(`UPDATE "user" SET tariff_id = 1, tariff_expires_at = NULL WHERE id = 4`);
    await adopt.run("inspect");
    const { code, out } = await adopt.run("run");
    expect(code).toBe(1);
    expect(out.trim().split("\n")).toEqual([
      "payment odd: the-same has paid another payment, too",
      "payment odd-2: the-same has paid another payment, too",
      "user 4: it has the tariff 1 without tariff_expires_at",
    ]);
  });

  it("verify lists what differs: an amount, an end, a row of the old server", async () => {
    const database = await open();
    await makeOld(PRINTED, database, 12);
    const adopt = adoptOn(database);
    for (const command of ["inspect", "run"]) expect((await adopt.run(command)).code).toBe(0);
    const ours = database.ours.replace("payme_payment", "");
    await database.ask(`UPDATE ${database.ours} SET amount = amount + 1 WHERE id = 'payment-1'`);
    await database.ask(`UPDATE ${ours}payme_grant SET duration_ms = duration_ms + 1000 WHERE user_id = 'user2'`);
    await insert(database, "payment", [oldPayment(PRINTED, 1, CREATED, { id: "late" })]);
    const { code, out } = await adopt.run("verify");
    expect(code).toBe(1);
    expect(out).toMatch(/ PAID: 5000000 tiyin before, 5000001 now/);
    expect(out).toMatch(/user user2: tariff 1 until \S+ before, 1 until \S+ now/);
    expect(out).toContain("payment late: somebody else wrote it");
  });

  it("could not run: no plan, a broken one, another database's, tables that are not the guide's", async () => {
    const database = await open();
    const adopt = adoptOn(database);
    expect(await adopt.run("inspect")).toMatchObject({ code: 2, err: expect.stringContaining("there is no table") });
    await makeOld(PRINTED, database, 3);
    expect(await adopt.run("run")).toMatchObject({ code: 2, err: expect.stringContaining("npm run adopt -- inspect") });
    await adopt.run("inspect");
    expect(await adopt.run("verify")).toMatchObject({ code: 2 });
    adopt.change((plan) => {
      plan.database = "postgres://elsewhere/wedy";
    });
    expect(await adopt.run("plan")).toMatchObject({ code: 2, err: expect.stringContaining("elsewhere") });
    writeFileSync(join(adopt.folder, "adopt-plan.json"), "{}");
    expect(await adopt.run("plan")).toMatchObject({ code: 2, err: expect.stringContaining("has faults") });
    expect(await adopt.run("move")).toMatchObject({ code: 2, err: expect.stringContaining("inspect|plan|run") });
  });
}

describe("npm run adopt stops", () => onBoth(rules));

describe("npm run adopt, before it opens anything", () => {
  it("makes no file, and refuses to run in demo mode", async () => {
    const said: string[] = [];
    const folder = temporaryFolder();
    const around = { folder, print: () => {}, say: (line: string) => void said.push(line) };
    const env = { DATABASE_URL: `file:${join(folder, "none.db")}` };
    expect(await runCommand(["inspect"], { ...around, env })).toBe(2);
    expect(said.join()).toContain("there is no such file");
    writeFileSync(join(folder, "none.db"), "");
    expect(await runCommand(["run"], { ...around, env })).toBe(2);
    expect(said.join()).toContain("This is demo mode");
  });
});
