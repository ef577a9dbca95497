import { describe, expect, it } from "vitest";
import { gate } from "../outbox/kit";
import { noMessages, noPayments, openWorker, parts, SECOND, testClock } from "./kit";

describe("runOnce", () => {
  it("runs every job, and reports each", async () => {
    const { runs, ...shop } = parts({
      reconcile: () => ({ checked: 3, paid: 1, pending: 2 }),
      sweep: (n) => ({ expired: n }),
      tariffs: () => ({ updated: 7 }),
    });
    const { worker, time } = openWorker(shop);
    const done = { index: 0, ms: 0, status: "done" };
    expect(await worker.runOnce()).toEqual([
      { ...done, job: "payments.reconcile", report: { ...noPayments, checked: 3, paid: 1, pending: 2 } },
      { ...done, job: "payments.review", report: { days: 0, recorded: 0, differences: 0, failed: 0 } },
      { ...done, job: "merchant.sweep", report: { expired: 2, failed: 0 } },
      { ...done, job: "tariffs.sweep", report: { updated: 7, failed: 0 } },
      { ...done, job: "outbox", report: noMessages },
    ]);
    expect(runs).toMatchObject({ reconcile: 1, review: 1, live: 1, test: 1, tariffs: 1, deliver: 1, started: 0 });
    expect(time.waiting).toBe(0);
  });

  it("adds up what a review of several days found", async () => {
    const day = { day: "2026-01-14", ages: [1], compared: 5 };
    const difference = { kind: "missing_here", id: "1", theirs: null, ours: null, isPaid: true } as const;
    const { payments } = parts({
      review: () => ({
        days: [
          { ...day, recorded: 2, differences: [difference] },
          { ...day, recorded: 1, differences: [difference, difference], error: "NETWORK" },
        ],
        left: 1,
      }),
    });
    const [, review] = await openWorker({ payments }).worker.runOnce();
    expect(review).toMatchObject({ status: "done", report: { days: 2, recorded: 3, differences: 3, failed: 1 } });
  });

  it("says which of several parts a report is of", async () => {
    const payments = [parts({ reconcile: () => ({ checked: 1 }) }).payments, parts().payments];
    const reports = await openWorker({ payments }).worker.runOnce();
    const reconciled = reports.filter(({ job }) => job === "payments.reconcile");
    expect(reconciled.map(({ index, report }) => [index, report.checked])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it("repeats a job while work is left, and adds up its counts", async () => {
    const { runs, ...shop } = parts({
      reconcile: (n) => ({ checked: n < 3 ? 20 : 4 }),
      deliver: (n) => ({ claimed: n < 5 ? 1 : 0, delivered: n < 5 ? 1 : 0 }),
    });
    const reports = await openWorker(shop).worker.runOnce();
    expect(runs).toMatchObject({ reconcile: 3, review: 1, live: 1, deliver: 5 });
    expect(reports[0]).toMatchObject({ status: "done", report: { checked: 44 } });
    expect(reports.at(-1)).toMatchObject({ status: "done", report: { claimed: 4, delivered: 4 } });
  });

  it("ends with its budget where work is left", async () => {
    const time = testClock();
    const full = () => time.sleep(SECOND).then(() => ({ checked: 20 }));
    const { runs, payments } = parts({ reconcile: full });
    const { worker } = openWorker({ payments }, time);
    const running = worker.runOnce({ budgetMs: 3 * SECOND });
    await time.advance(10 * SECOND);
    const [reconciled, reviewed] = await running;
    expect(reconciled).toMatchObject({ status: "out_of_time", ms: 3 * SECOND });
    expect(reviewed).toMatchObject({ status: "done", ms: 0 });
    expect(runs.reconcile).toBeLessThanOrEqual(3);
    expect(reconciled?.report.checked).toBeGreaterThanOrEqual(40);
  });

  it("gives a later run what is left of the budget, and no more", async () => {
    const time = testClock();
    const { payments } = parts({ reconcile: () => time.sleep(2 * SECOND).then(() => ({ checked: 20 })) });
    const { worker } = openWorker({ payments }, time);
    const running = worker.runOnce({ budgetMs: 3 * SECOND });
    await time.advance(10 * SECOND);
    expect((await running)[0]).toMatchObject({ status: "out_of_time", ms: 3 * SECOND, report: { checked: 20 } });
  });

  it("does not wait for a run that hangs; the next call joins it, and no other run starts", async () => {
    const { open, opened } = gate();
    const { runs, ...shop } = parts({ reconcile: () => opened.then(() => ({ checked: 2 })) });
    const { worker, time, of } = openWorker(shop);
    for (const _call of ["first", "second"]) {
      const running = worker.runOnce({ budgetMs: 3 * SECOND });
      await time.advance(3 * SECOND);
      const reports = await running;
      expect(reports[0]).toMatchObject({
        job: "payments.reconcile",
        status: "out_of_time",
        ms: 3 * SECOND,
        report: {},
      });
      expect(reports.slice(1).map(({ status }) => status)).toEqual(["done", "done", "done", "done"]);
    }
    expect(runs).toMatchObject({ reconcile: 1, review: 2, live: 2, tariffs: 2, deliver: 2 });
    expect(of("warn")).toHaveLength(2);
    expect(time.waiting).toBe(0);
    const running = worker.runOnce({ budgetMs: 3 * SECOND });
    open();
    expect((await running)[0]).toMatchObject({ status: "done", report: { checked: 2 } });
    expect(runs.reconcile).toBe(1);
  });

  it("reports what failed, with what was done before, and never rejects", async () => {
    const { runs, ...shop } = parts({
      reconcile: (n) => {
        if (n === 2) throw new Error("the database is away");
        return { checked: 20 };
      },
      sweep: () => Promise.reject("no error"),
      deliver: () => Promise.reject(new Error("the queue is away")),
    });
    const { worker, of } = openWorker(shop);
    expect(await worker.runOnce()).toMatchObject([
      { job: "payments.reconcile", status: "failed", error: "the database is away", report: { checked: 20 } },
      { job: "payments.review", status: "done" },
      { job: "merchant.sweep", status: "failed", error: "no error" },
      { job: "tariffs.sweep", status: "done" },
      { job: "outbox", status: "failed", error: "the queue is away" },
    ]);
    expect(of("error")).toHaveLength(3);
    expect(runs.reconcile).toBe(2);
  });

  it("joins the run of a started worker", async () => {
    const { open, opened } = gate();
    const { runs, payments } = parts({ reconcile: () => opened.then(() => ({ checked: 2 })) });
    const { worker, time } = openWorker({ payments });
    worker.start();
    await time.advance(5 * SECOND);
    const running = worker.runOnce();
    await time.advance(0);
    expect(runs.reconcile).toBe(1);
    open();
    expect((await running)[0]).toMatchObject({ status: "done", report: { checked: 2 } });
    expect(runs.reconcile).toBe(1);
    await worker.stop();
  });

  it("has twenty seconds, where it is not told", async () => {
    const { payments } = parts({ reconcile: () => new Promise<never>(() => {}) });
    const { worker, time } = openWorker({ payments });
    const running = worker.runOnce();
    await time.advance(20 * SECOND);
    expect((await running)[0]).toMatchObject({ status: "out_of_time", ms: 20 * SECOND });
  });
});
