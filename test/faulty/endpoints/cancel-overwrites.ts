import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a repeated Cancel overwrites reason and cancel_time",
  instead: { cancelledAgain: (row, reason, now) => Object.assign(row, { reason, cancel_time: now }) },
  fails: ["cancel.repeat", "cancel.reason-kept", "cancel.refund-repeat", "cancel.refund-reason-kept"],
};
