import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a call without Authorization is let in",
  instead: { letsIn: (request) => !request.headers.has("Authorization") },
  fails: ["auth.missing"],
};
