import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a repeated refund overwrites the reason",
  instead: { cancelledAgain: (row, reason) => (row.state === -2 ? Object.assign(row, { reason }) : row) },
  fails: ["cancel.refund-reason-kept"],
};
