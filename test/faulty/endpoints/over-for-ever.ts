import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "a transaction that ran out of time holds its order for ever",
  instead: { endsWhatIsOver: false, freesWhatIsOver: false },
  fails: ["timeout.reason", "timeout.order-free"],
};
