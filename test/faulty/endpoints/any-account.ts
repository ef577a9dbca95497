import type { Mistake } from "./mistake";
import { AMOUNT } from "./reference";

export const mistake: Mistake = {
  name: "any account can be paid",
  instead: { orderOf: (orders, key) => orders.get(key) ?? { amount: AMOUNT, fulfilled: 0 } },
  fails: [
    "check-perform.unknown-account",
    "create.unknown-account",
    "create.malformed-account",
    "check-perform.malformed-account",
    "check-perform.account-before-amount",
  ],
};
