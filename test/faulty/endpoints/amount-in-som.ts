import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the amount is compared in som",
  instead: { isRightAmount: (amount, order) => Math.round(amount / 100) === order.amount / 100 },
  fails: ["check-perform.wrong-amount", "create.wrong-amount"],
};
