import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a transaction that ran out of time has no cancel_time",
  instead: { timeoutTime: () => null },
  fails: ["timeout.reason"],
};
