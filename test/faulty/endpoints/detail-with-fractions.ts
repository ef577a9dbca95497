import type { Mistake } from "./mistake";
import { allowsAt } from "./reference";

export const mistake: Mistake = {
  name: "an item of the fiscal detail has a price in som, with a fraction",
  instead: { allows: allowsAt(49_999.5) },
  fails: ["check-perform.detail"],
};
