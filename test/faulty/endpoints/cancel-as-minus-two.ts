import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "Cancel of a created transaction is answered with state -2",
  instead: { cancelled: ({ transaction, cancel_time }) => ({ transaction, cancel_time, state: -2 }) },
  fails: ["cancel.created", "check.cancelled", "perform.against-cancel"],
};
