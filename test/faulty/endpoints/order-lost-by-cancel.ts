import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an order whose transaction was cancelled takes no other",
  instead: { holdsOrder: (row) => row.state !== -2 },
  fails: ["create.after-cancel"],
};
