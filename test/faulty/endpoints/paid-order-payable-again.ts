import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an order that is paid can be paid again",
  instead: { holdsOrder: (row) => row.state === 1 },
  fails: ["check-perform.paid-order", "create.paid-order"],
};
