import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "fiscal data are answered with success: false",
  instead: { fiscalAnswer: () => ({ success: false }) },
  fails: ["fiscal.success"],
};
