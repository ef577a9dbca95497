import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an order takes two transactions",
  instead: { holdsOrder: (row) => row.state === 2 },
  fails: ["create.busy-order", "create.at-once"],
};
