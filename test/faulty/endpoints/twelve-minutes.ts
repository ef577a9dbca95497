import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "transactions live for 12 minutes",
  instead: { lifetimeMs: 12 * 60_000 },
  fails: ["timeout.not-before"],
};
