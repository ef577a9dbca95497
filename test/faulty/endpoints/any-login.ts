import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "any login will do",
  instead: { authorises: (credentials, key) => credentials.slice(credentials.indexOf(":") + 1) === key },
  fails: ["auth.login"],
};
