import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "the statement goes by Payme's time or by create_time, whichever fits",
  instead: {
    isListed: (row, { from, to }) => [row.time, row.create_time].some((time) => time >= from && time <= to),
  },
  fails: ["statement.by-payme-time"],
};
