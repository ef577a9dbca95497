import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the statement goes by create_time",
  instead: { isListed: (row, { from, to }) => row.create_time >= from && row.create_time <= to },
  fails: ["statement.by-payme-time"],
};
