import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "CheckTransaction leaves reason out",
  instead: { checked: ({ id, time, amount, account, reason, ...row }) => row },
  fails: [
    "check.members",
    "check.created",
    "check.performed",
    "check.cancelled",
    "check.refunded",
    "timeout.reason",
    "statement.agrees",
  ],
};
