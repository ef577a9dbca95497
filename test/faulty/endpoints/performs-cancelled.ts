import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a cancelled transaction is performed",
  instead: { mayPerform: () => true },
  fails: ["perform.cancelled", "perform.refunded", "perform.against-cancel", "timeout.perform"],
};
