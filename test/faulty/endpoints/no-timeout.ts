import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "transactions live for ever",
  instead: { lifetimeMs: Number.POSITIVE_INFINITY },
  fails: ["timeout.perform"],
};
