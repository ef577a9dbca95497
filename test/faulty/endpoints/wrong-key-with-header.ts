import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the wrong key of the sandbox is let in with the header of the sandbox",
  instead: {
    letsIn: ({ headers }) =>
      headers.has("Test-Operation") && atob(headers.get("Authorization")?.slice(6) ?? "").startsWith("Paycom:Uzcard:"),
  },
  fails: ["auth.sandbox-headers"],
};
