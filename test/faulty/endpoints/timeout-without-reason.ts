import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a transaction that ran out of time has no reason",
  instead: { timeoutReason: null },
  fails: ["timeout.reason"],
};
