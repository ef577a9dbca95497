import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "errors carry the id of the transaction",
  instead: { idOf: ({ id, params }) => params.id ?? id },
  fails: ["answer.id"],
};
