import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a repeated Cancel is refused",
  instead: { cancelsAgain: false },
  fails: ["cancel.repeat", "cancel.refund-repeat"],
};
