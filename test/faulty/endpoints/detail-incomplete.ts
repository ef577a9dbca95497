import type { Mistake } from "./mistake";

export const mistake: Mistake = {
  name: "an item of the fiscal detail has no package code",
  instead: {
    allows: {
      allow: true,
      detail: {
        receipt_type: 0,
        items: [{ title: "Notebook", price: 5_000_000, count: 1, code: "01234567890123456", vat_percent: 12 }],
      },
    },
  },
  fails: ["check-perform.detail"],
};
