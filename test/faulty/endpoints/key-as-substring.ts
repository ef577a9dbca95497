import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the key is searched for in the header",
  instead: { authorises: (credentials, key) => credentials.includes(key) },
  fails: ["auth.key-part", "auth.login", "auth.first-colon"],
};
