import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { paymentRow, scope } from "../ledger/rows";
import { sqliteKit } from "./kits";

/** Storage on a file on which another process holds the write lock; `release` lets go. */
async function lockedByAnother(busyTimeoutMs: number) {
  const kit = await sqliteKit({ busyTimeoutMs });
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  const holder = fork(fileURLToPath(new URL("./lock-holder.ts", import.meta.url)), [kit.file], {
    execArgv: ["--import", "tsx"],
  });
  onTestFinished(() => void holder.kill());
  await once(holder, "message");
  async function release() {
    const ended = once(holder, "exit");
    holder.send("release");
    await ended;
  }
  return { storage: kit.storage, release };
}

/** How often the event loop came round while the work went on. */
async function ticksDuring(work: Promise<unknown>): Promise<number> {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 5);
  await work.catch(() => {});
  clearInterval(timer);
  return ticks;
}

describe("while another process holds the write lock", () => {
  it("a write waits without stopping the process, reads go on, and it is written once the lock is free", async () => {
    const { storage, release } = await lockedByAnother(20_000);
    const write = storage.addPayment(paymentRow());
    setTimeout(release, 300);
    const reading = storage.findPayment(scope, { id: "payment-1" });
    expect(await Promise.race([reading, write.then(() => "written first")])).toBeUndefined();
    expect(await ticksDuring(write)).toBeGreaterThan(10);
    expect((await write).outcome).toBe("applied");
  });

  it("a write gives up at its deadline with STORAGE_BUSY, changes nothing, and the next one is served", async () => {
    const { storage, release } = await lockedByAnother(200);
    const write = storage.addPayment(paymentRow());
    const ticks = ticksDuring(write);
    await expect(write).rejects.toMatchObject({ code: "STORAGE_BUSY", hint: expect.stringContaining("503") });
    expect(await ticks).toBeGreaterThan(5);
    expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
    await release();
    expect((await storage.addPayment(paymentRow())).outcome).toBe("applied");
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
  });
});
