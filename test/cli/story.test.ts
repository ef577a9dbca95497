import { describe, expect, it, onTestFinished } from "vitest";
import { createPayments } from "../../src/entry";
import { sqliteStorage } from "../../src/entry/sqlite";
import { som } from "../../src/kit/money";
import { temporaryFolder } from "../storage/kits";
import { cli } from "./kit";

const logger = { info() {}, warn() {}, error() {} };

/** A database with one payment in test money, paid by a notification. */
async function openBooks() {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  onTestFinished(async () => {
    await storage.close();
    remove();
  });
  await storage.migrate();
  const now = () => Date.UTC(2026, 0, 15, 10, 30);
  const options = { storage, mode: "test", now, logger, onPaid: () => true, payUrl: () => "https://shop.uz" } as const;
  const payments = createPayments(options);
  const { id } = await payments.create({ reference: "order:197", amount: som(50_000) });
  const changed = {
    from: ["PENDING"],
    to: "PAID",
    at: now(),
    paidBy: "r1",
    paidSource: "gateway",
    paidAt: now(),
  } as const;
  await storage.changePayment({ cashbox: "default", mode: "test" }, id, changed);
  return { file, id };
}

describe("payme-kit story", () => {
  it("tells a payment's story by our id, Payme's or the shop's reference: exit code 0", async () => {
    const { file, id } = await openBooks();
    const told = await cli(["story", id, "--database", `sqlite:${file}`]);
    expect(told).toMatchObject({ code: 0, err: "" });
    expect(told.out.split("\n")).toEqual([
      `payment ${id}: PAID`,
      "2026-01-15 10:30:00Z  us      payment.created: to be paid (50\u00a0000 som)",
      "taken 50\u00a0000 som, on its way back 0 som, back 0 som",
    ]);
    for (const args of [["r1"], ["order:197", "--reference"], [id, "--mode", "test"]]) {
      expect((await cli(["story", ...args], { env: { DATABASE_URL: file } })).out).toBe(told.out);
    }
    const json = JSON.parse((await cli(["story", id, "--database", file, "--json"])).out);
    expect(json).toMatchObject({ payment: { id, status: "PAID" }, sums: { taken: 5_000_000 } });
  });

  it("of what the books do not know says so: exit code 1", async () => {
    const { file, id } = await openBooks();
    for (const args of [["nothing"], [id, "--mode", "live"], [id, "--cashbox", "second"], [id, "--reference"]]) {
      const { code, out, err } = await cli(["story", ...args, "--database", file]);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toMatch(/^payme-kit: the books know no /);
    }
  });

  it.each([
    ["no database", [], "give --database, or set DATABASE_URL"],
    ["another mode", ["--mode", "sandbox", "--database", "x.db"], "--mode: give live or test"],
    ["another kind of database", ["--database", "mysql://x"], "--database: give postgres://"],
  ])("of %s cannot run: exit code 2", async (_what, args, text) => {
    const { code, err } = await cli(["story", "x", ...args], { env: {} });
    expect(code).toBe(2);
    expect(err).toContain(text);
  });
});
