import { describe, expect, it } from "vitest";
import { adoptOn } from "./adopt-command";
import { FORMS, type Form, makeOld } from "./adopt-forms";
import { type GuideDatabase, onBoth } from "./guide-books";

const ROWS = 60;

/** All of a table, each value as text: byte for byte. */
async function dump({ ask }: GuideDatabase, table: string, columns: string): Promise<unknown[]> {
  const list = columns.split(", ").map((name) => `CAST(${name} AS text) AS ${name}`);
  return ask(`SELECT ${list.join(", ")} FROM ${table} ORDER BY id`);
}

const columnsOf = (form: Form) =>
  [
    "id, user_id, amount, status, created_at, paid_at, payme_transaction_id, payme_cheque_id, tariff_id, payment_method",
    "payme_error_code, payme_error_message, updated_at, webhook_received_at",
    ...Object.keys(form.more),
  ].join(", ");

function rules(open: () => Promise<GuideDatabase>): void {
  describe.each(FORMS)("$name", (form) => {
    it("is found out, moved in, verified, and moved back", async () => {
      const database = await open();
      await makeOld(form, database, ROWS);
      const adopt = adoptOn(database);
      const [before, users] = [
        await dump(database, "payment", columnsOf(form)),
        await dump(database, '"user"', "id, tariff_id, tariff_expires_at"),
      ];

      const inspected = await adopt.run("inspect");
      expect(inspected.err).toBe("");
      expect(inspected.code).toBe(0);
      const plan = adopt.plan();
      expect(plan.unit.is).toBe(form.unit);
      for (const column of Object.values(plan.clock)) expect(column).toMatchObject({ is: form.clock });
      expect(form.words.map((word) => plan.statuses[word].is)).toEqual(["PENDING", "PAID", "CANCELLED", "FAILED"]);

      const planned = await adopt.run("plan");
      expect(planned).toMatchObject({ code: 0, err: "" });
      expect(planned.out).toContain("RENAME TO");
      const run = await adopt.run("run");
      expect(run.out).toContain(`${ROWS} payments imported`);
      expect(run.code).toBe(0);
      expect(await dump(database, "payment_before_adopt", columnsOf(form))).toEqual(before);
      const verified = await adopt.run("verify");
      expect(verified).toMatchObject({ code: 0, out: expect.stringContaining(`${ROWS} payments and ${ROWS} users`) });
      expect(await adopt.run("run")).toMatchObject({
        code: 0,
        out: expect.stringContaining(`${ROWS} were here already`),
      });

      const undone = await adopt.run("undo");
      expect(undone).toMatchObject({ code: 0, out: "" });
      expect(await dump(database, "payment", columnsOf(form))).toEqual(before);
      expect(await dump(database, '"user"', "id, tariff_id, tariff_expires_at")).toEqual(users);
      expect(await adopt.run("run")).toMatchObject({
        code: 0,
        out: expect.stringContaining(`${ROWS} payments imported`),
      });
      expect((await adopt.run("verify")).code).toBe(0);
    });
  });
}

describe("npm run adopt", () => onBoth(rules));
