import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the statement has no Payme ids",
  instead: { line: ({ id: _, ...line }) => line },
  fails: ["statement.id"],
};
