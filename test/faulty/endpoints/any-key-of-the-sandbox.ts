import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the header of the sandbox stands in for the key",
  instead: { letsIn: (request) => request.headers.has("Test-Operation") },
  fails: ["auth.sandbox-headers"],
};
