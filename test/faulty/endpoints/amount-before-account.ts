import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the amount is looked at before the account",
  instead: { amountFirst: true },
  fails: ["check-perform.account-before-amount"],
};
