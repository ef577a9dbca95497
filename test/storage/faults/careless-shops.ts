import type { FaultyDatabase } from "./faulty-databases";
import { type FaultyShop, openFaultyShop } from "./faulty-shop";

const nothing = () => true;

/** Gives once the books say "applied", in a commit of its own: lost where the answer to the first commit is. */
export async function openLateShop<Tx>(database: FaultyDatabase<Tx>): Promise<FaultyShop> {
  const shop = await openFaultyShop(database, { onPaid: nothing, onRefunded: nothing });
  return {
    ...shop,
    payments: {
      ...shop.payments,
      async recordPaid(report) {
        const recorded = await shop.payments.recordPaid(report);
        if (recorded.outcome === "applied") await database.ask(giving(recorded.row.id));
        return recorded;
      },
    },
  };
}

/** Gives in the hook, and past its transaction: given and not paid where that is rolled back, and given twice by the repeat. */
export function openHastyShop<Tx>(database: FaultyDatabase<Tx>): Promise<FaultyShop> {
  return openFaultyShop(database, {
    onPaid: async ({ id }) => Array.isArray(await database.ask(giving(id))),
    onRefunded: nothing,
  });
}

function giving(paymentId: string): string {
  return `INSERT INTO goods (payment_id, change) VALUES ('${paymentId}', 1)`;
}
