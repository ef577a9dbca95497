import type { Storage } from "../../src/ledger";
import { readThenWrite } from "../faulty/adapters/unguarded";
import { paymentRow, scope, transactionRow } from "../ledger/rows";
import { openAt, type Variant } from "./databases";

/** What is raced for: a payment's money, a one-time order, a reference. */
export const races = ["pay", "order", "reference"] as const;
export type Race = (typeof races)[number];

/** How many payments, orders and references there are to race for. */
export const PRIZES = 40;

/** Storage at an address, closed by who opens it. */
export function openBooks(
  address: string,
  variant: Variant,
): { readonly storage: Storage<unknown>; close(): Promise<void> } {
  const { storage, close } = openAt(address, variant);
  return { storage: variant === "guarded" ? storage : { ...storage, ...readThenWrite(storage) }, close };
}

/** What is there before the race: open payments, no order taken, no reference either. */
export async function prepareRace(storage: Storage<unknown>): Promise<void> {
  await storage.migrate();
  for (let prize = 0; prize < PRIZES; prize += 1) await storage.addPayment(paymentRow({ id: `payment-${prize}` }));
}

/** One call for a prize, with a Payme id or payment id of the runner's own; how it ended. */
export async function callOf(race: Race, storage: Storage<unknown>, prize: number, runner: string): Promise<string> {
  const name = `${runner}-${prize}`;
  if (race === "pay") {
    const change = { from: ["PENDING"], to: "PAID", at: 10, paidBy: name } as const;
    return (await storage.changePayment(scope, `payment-${prize}`, change)).outcome;
  }
  if (race === "order") {
    return (await storage.addTransaction(transactionRow({ paymeId: name, reference: `order-${prize}` }))).outcome;
  }
  return (await storage.addPayment(paymentRow({ id: name, reference: `order-${prize}` }))).outcome;
}
