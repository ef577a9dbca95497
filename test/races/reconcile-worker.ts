import * as z from "zod";
import { createPayments } from "../../src/entry";
import type { Storage } from "../../src/ledger";
import { openAt } from "./databases";

/**
 * A process that reconciles until nothing is due, and answers which receipts it asked Payme about. Unguarded, it reads what
 * is due and takes it for its own, without a claim.
 */
const [address, variant] = z.tuple([z.string(), z.enum(["guarded", "unguarded"])]).parse(process.argv.slice(2));
const { storage, close } = openAt(address);
const now = 10_000_000;
const asked: string[] = [];
const none = () => Promise.reject(new Error("not asked here"));

const payments = createPayments({
  storage: variant === "guarded" ? storage : withoutClaims(storage),
  now: () => now,
  client: {
    mode: "test",
    receipts: {
      async check(id) {
        asked.push(id);
        // As far away as Payme: meanwhile the others take what they can.
        await new Promise((resolve) => setTimeout(resolve, 2));
        return { state: 0 };
      },
      create: none,
      get: none,
      cancel: none,
      getAll: none,
    },
    pay: none,
    hold: none,
    capture: none,
    receiptUrl: () => "https://pay.example",
  },
});

function withoutClaims<Tx>(books: Storage<Tx>): Storage<Tx> {
  return {
    ...books,
    async claimDuePayments(scope, { limit }) {
      const open = await books.listPending(scope, { before: Number.MAX_SAFE_INTEGER, limit: 1_000 });
      return open.filter(({ nextCheckAt }) => nextCheckAt !== null && nextCheckAt <= now).slice(0, limit);
    },
  };
}

process.once("message", async () => {
  while ((await payments.reconcile({ limit: 5 })).checked > 0);
  await close();
  process.send?.(asked, () => process.disconnect());
});
process.send?.("ready");
