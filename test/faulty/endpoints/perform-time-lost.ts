import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a refund sets perform_time to 0",
  instead: { refundedPerformTime: () => 0 },
  fails: ["check.perform-time-kept"],
};
