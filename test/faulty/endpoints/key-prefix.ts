import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the key is compared as far as it was given",
  instead: {
    authorises: (credentials, key) => `Paycom:${key}`.startsWith(credentials) && credentials.startsWith("Paycom:"),
  },
  fails: ["auth.key-part"],
};
