import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "CheckTransaction answers 0 for every time but one",
  instead: { checked: () => ({ perform_time: 0, cancel_time: 0 }) },
  fails: ["check.performed", "check.cancelled", "check.refunded", "timeout.reason", "statement.agrees"],
};
