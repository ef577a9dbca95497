import type { ChargeOutcome } from "../../src/payments/charge-outcome";
import type { MoneyMovement } from "../../src/testing/mock/money-book";
import { isCharged, type Ware } from "./wares";

/**
 * Remembers the receipts of which `charge` said that no money was taken and none will be. Only of what is only charged, while
 * no other charge runs, and where no earlier one may still arrive.
 */
export function createCharges() {
  const declined = new Map<string, { readonly amount: number; readonly since: number }>();
  const doubtful = new Set<string>();
  let [begun, underWay] = [0, 0];
  return {
    async watch(ware: Ware, now: () => number, charge: (ware: Ware) => Promise<ChargeOutcome>): Promise<ChargeOutcome> {
      const { amount } = ware;
      begun += 1;
      underWay += 1;
      const [number, isFirst] = [begun, underWay === 1];
      for (const [id, known] of declined) if (known.amount === amount) declined.delete(id);
      try {
        const outcome = await charge(ware);
        const { receiptId, status } = outcome;
        const isAlone = isFirst && begun === number;
        if (receiptId === null || !isCharged(amount)) return outcome;
        if (status !== "declined" || !isAlone) doubtful.add(receiptId);
        else if (!doubtful.has(receiptId)) declined.set(receiptId, { amount, since: now() });
        return outcome;
      } finally {
        underWay -= 1;
      }
    },
    /** Those that were debited after all. */
    debited: (movements: readonly MoneyMovement[]): string[] =>
      [...declined].flatMap(([id, { since }]) =>
        movements.some(({ receiptId, kind, at }) => receiptId === id && kind !== "release" && at >= since) ? [id] : [],
      ),
  };
}
