import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the amount is compared in som, rounded up",
  instead: { isRightAmount: (amount, order) => Math.ceil(amount / 100) === order.amount / 100 },
  fails: ["check-perform.wrong-amount", "create.wrong-amount"],
};
