import type { PaymentRow, Verbs } from "../../../src/ledger";
import { tiyin } from "../../../src/money";
import { memoryKit } from "../../storage/kits";
import { withVerbs } from "./broken";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";

/** What is stored or found is not what it should be. */
export const wrongBasics: readonly FaultyAdapter[] = [
  {
    fault: "hands out the row that it keeps, not a copy",
    failsIn: ["basics"],
    run: () => onMemory(handingOut()),
  },
  {
    fault: "keeps amounts in 32 bits",
    failsIn: ["basics"],
    run: () =>
      onMemory((verbs) => ({
        async findPayment(scope, key) {
          const row = await verbs.findPayment(scope, key);
          return row === undefined ? undefined : { ...row, amount: tiyin(row.amount >>> 0) };
        },
      })),
  },
  {
    fault: "turns the pages by time alone",
    failsIn: ["basics"],
    run: () =>
      onMemory((verbs) => ({
        listTransactions: (scope, { after, from, ...range }) =>
          verbs.listTransactions(scope, { ...range, from: after === undefined ? from : after.time + 1 }),
      })),
  },
  {
    fault: "forgets that rows belong to a cashbox",
    failsIn: ["basics"],
    run: () =>
      onMemory((verbs) => ({
        findTransaction: (scope, paymeId) => verbs.findTransaction({ ...scope, cashbox: "default" }, paymeId),
      })),
  },
  {
    fault: "delivers the messages of one subject in any order",
    failsIn: ["basics"],
    run: () =>
      onMemory((verbs) => ({
        async claimEvents(scope, claim) {
          const [first, ...others] = await verbs.claimEvents(scope, claim);
          return first === undefined ? [] : [...others, first];
        },
      })),
  },
];

function onMemory(replace: (verbs: Verbs) => Partial<Verbs>) {
  return failedGroups({ create: async () => withVerbs(await memoryKit(), replace), durable: false });
}

/** Gives the same object again while its row has not changed. */
function handingOut(): (verbs: Verbs) => Partial<Verbs> {
  const kept = new Map<string, PaymentRow>();
  return (verbs) => ({
    async findPayment(scope, key) {
      const row = await verbs.findPayment(scope, key);
      if (row === undefined) return undefined;
      const text = JSON.stringify(row);
      const same = kept.get(text) ?? row;
      kept.set(text, same);
      return same;
    },
  });
}
