import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "fiscal data of a refund are answered with success: false",
  instead: { fiscalAnswer: (type) => ({ success: type === "PERFORM" }) },
  fails: ["fiscal.success"],
};
