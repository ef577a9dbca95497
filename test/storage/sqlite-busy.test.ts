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

/** Resolves when the event loop has come round so often: never, where something holds it up. */
async function ticks(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("while another process holds the write lock", () => {
  it("a write waits without stopping the process, reads go on, and it is written once the lock is free", async () => {
    const { storage, release } = await lockedByAnother(20_000);
    let isWritten = false;
    const write = storage.addPayment(paymentRow()).finally(() => {
      isWritten = true;
    });
    expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
    await ticks(20);
    expect(isWritten).toBe(false);
    await release();
    expect((await write).outcome).toBe("applied");
  });

  it("a write gives up at its deadline with STORAGE_BUSY, changes nothing, and the next one is served", async () => {
    const { storage, release } = await lockedByAnother(1_000);
    const write = storage.addPayment(paymentRow());
    const isEnded = write.then(
      () => "ended",
      () => "ended",
    );
    expect(await Promise.race([ticks(3).then(() => "the loop came round"), isEnded])).toBe("the loop came round");
    await expect(write).rejects.toMatchObject({ code: "STORAGE_BUSY", hint: expect.stringContaining("503") });
    expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
    await release();
    expect((await storage.addPayment(paymentRow())).outcome).toBe("applied");
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
  });
});
