import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a refund ends in state -1",
  instead: { refundState: -1 },
  fails: ["cancel.performed"],
};
