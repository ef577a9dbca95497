import type { Mistake } from "./mistake";
import { allowsAt } from "./reference";

export const mistake: Mistake = {
  name: "an item of the fiscal detail has the discount of docs of old",
  instead: { allows: allowsAt(5_000_000, { discount: { title: "Sale", price: 0 } }) },
  fails: ["check-perform.detail"],
};
