import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an unknown transaction is -31050",
  instead: { unknownTransactionCode: -31050 },
  fails: ["perform.unknown", "cancel.unknown", "check.unknown"],
};
