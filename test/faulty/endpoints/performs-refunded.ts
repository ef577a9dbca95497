import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a refunded transaction is performed again",
  instead: { mayPerform: ({ state }) => state === 1 || state === -2 },
  fails: ["perform.refunded"],
};
