import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the wrong key of the sandbox is one of the right ones",
  instead: {
    authorises: (credentials, key) => credentials === `Paycom:${key}` || credentials.startsWith("Paycom:Uzcard:"),
  },
  fails: ["auth.wrong-key", "auth.before-method", "auth.sandbox-headers", "change-password.wrong-key"],
};
