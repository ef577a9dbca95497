import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an order that is taken is a system error",
  instead: { busyCode: -32400 },
  fails: ["check-perform.busy-order", "check-perform.paid-order", "create.busy-order", "create.paid-order"],
};
