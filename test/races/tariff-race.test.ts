import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPayments } from "../../src/entry";
import { createTariffs, sqlTariffStore } from "../../src/entry/tariffs";
import { som } from "../../src/kit/money";
import { receiptsClient } from "../tariffs/receipts-client";
import { openAt } from "./databases";
import { type NewDatabase, onEachDatabase } from "./new-database";
import { settling, USER, type Variant } from "./tariff-settling";

const COUNT = 16;
const DURATION_MS = 30 * 86_400_000;

/** 16 payments of one user that wait to be settled. */
async function prepare(newAddress: NewDatabase) {
  const address = await newAddress();
  const { storage, close } = openAt(address);
  onTestFinished(close);
  const tariffs = createTariffs({ payments: createPayments({ storage, client: receiptsClient }) });
  await tariffs.migrate();
  const tariff = await tariffs.create({ name: "Premium", price: som(50_000), durationDays: 30 });
  const paymentIds: string[] = [];
  for (let count = 0; count < COUNT; count += 1) {
    const { id } = await tariffs.purchase({ userId: USER, tariffId: tariff.id, idempotencyKey: `key-${count}` });
    paymentIds.push(id);
  }
  return { address, storage, tariffs, paymentIds };
}

/** How far the end that the user's row shows is from the first payment, in durations; and what else there is to count. */
async function count({ storage, tariffs }: Awaited<ReturnType<typeof prepare>>) {
  const store = sqlTariffStore(storage);
  const grants = await store.listGrants(USER);
  const start = Math.min(...grants.map(({ settledAt }) => settledAt));
  const end = (await store.findUser(USER))?.tariffExpiresAt ?? start;
  const { paid } = await tariffs.payments.statistics();
  return { paid, grants: grants.length, durations: (end - start) / DURATION_MS };
}

async function settleInOneProcess(newAddress: NewDatabase, variant: Variant) {
  const market = await prepare(newAddress);
  await Promise.all(market.paymentIds.map(settling(variant, market.storage)));
  return count(market);
}

/** Both processes settle all payments: each is reported twice. */
async function settleInTwoProcesses(newAddress: NewDatabase, variant: Variant) {
  const market = await prepare(newAddress);
  const workers = [1, 2].map(() =>
    fork(fileURLToPath(new URL("./tariff-worker.ts", import.meta.url)), [market.address, variant], {
      execArgv: ["--import", "tsx"],
    }),
  );
  onTestFinished(() => workers.forEach((worker) => void worker.kill()));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const ended = workers.map((worker) => once(worker, "message"));
  for (const worker of workers) worker.send(market.paymentIds);
  const outcomes = (await Promise.all(ended)).flat(2);
  return { ...(await count(market)), applied: outcomes.filter((outcome) => outcome === "applied").length };
}

onEachDatabase((newAddress) => {
  describe("16 different payments of one user, settled at once", () => {
    const right = { paid: COUNT, grants: COUNT, durations: COUNT };

    it("in one process: 16 paid, 16 grants, the end exactly 16 durations away", async () => {
      expect(await settleInOneProcess(newAddress, "locked")).toEqual(right);
    });

    it("in two processes that report all of them: the same, and each applied once", async () => {
      expect(await settleInTwoProcesses(newAddress, "locked")).toEqual({ ...right, applied: COUNT });
    });

    it("without the lock this test fails, in one process and in two", async () => {
      const alone = await settleInOneProcess(newAddress, "unlocked");
      const together = await settleInTwoProcesses(newAddress, "unlocked");
      for (const { paid, grants, durations } of [alone, together]) {
        expect({ paid, grants }).toEqual({ paid: COUNT, grants: COUNT });
        expect(durations).toBeLessThan(COUNT);
      }
    });
  });
});
