import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the login is the name of the cashbox",
  instead: { authorises: (credentials, key) => credentials === `65f0c1d2e3a4b5c6d7e8f901:${key}` },
  fails: ["auth.right-key"],
};
