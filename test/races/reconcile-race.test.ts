import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { paymentRow } from "../ledger/rows";
import { openAt, type Variant } from "./databases";
import { type NewDatabase, onEachDatabase } from "./new-database";
import { runWorkers } from "./workers";

const WORKERS = 4;
const DUE = 80;
/** Payments that ended long ago, or are not due: no worker has any business with them. */
const OTHERS = 40;

const askedSchema = z.array(z.array(z.string()));

/** Four processes reconcile at once: the receipts that each asked about. */
async function askedBy(newAddress: NewDatabase, variant: Variant): Promise<string[][]> {
  const address = await newAddress();
  const { storage, close } = openAt(address);
  onTestFinished(close);
  await storage.migrate();
  for (let n = 0; n < DUE + OTHERS; n += 1) {
    const nextCheckAt = n < DUE ? 1 + n : n % 2 === 0 ? null : 99_999_999;
    const receipt = { transactionId: `receipt-${n}`, chequeId: "cheque", payUrl: "https://pay.example" };
    // Young enough for its day to pay: nothing is cancelled here.
    await storage.addPayment(paymentRow({ id: `payment-${n}`, createdAt: 9_000_000, ...receipt, nextCheckAt }));
  }
  return askedSchema.parse(await runWorkers("./reconcile-worker.ts", Array(WORKERS).fill([address, variant])));
}

const due = Array.from({ length: DUE }, (_, n) => `receipt-${n}`).sort();

onEachDatabase((newAddress) => {
  it("four processes that reconcile at once ask about each payment that is due once, and about no other", async () => {
    const asked = await askedBy(newAddress, "guarded");
    expect(asked.flat().sort()).toEqual(due);
    expect(asked.filter((each) => each.length > 0).length).toBeGreaterThan(1);
  });

  it("without claims they ask twice, and this test sees it", async () => {
    expect((await askedBy(newAddress, "unguarded")).flat().length).toBeGreaterThan(DUE);
  });
});
