import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a refund that is refused changes the transaction",
  instead: { refusesRefund: true, changesBeforeRefusing: true },
  fails: ["cancel.refused-changes-nothing"],
};
