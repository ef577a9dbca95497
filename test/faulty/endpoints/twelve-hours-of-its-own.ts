import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the 12 hours are counted from create_time",
  instead: { bornAt: (row) => row.create_time },
  fails: ["timeout.perform"],
};
