import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an unknown order is a wrong amount",
  instead: { unknownOrderCode: -31001 },
  fails: [
    "check-perform.unknown-account",
    "create.unknown-account",
    "create.malformed-account",
    "check-perform.account-before-amount",
    "check-perform.malformed-account",
  ],
};
