import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "Cancel writes what it read before a Perform",
  instead: { readsThenCancels: true },
  fails: ["perform.against-cancel"],
};
