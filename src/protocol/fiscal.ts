import type { Tiyin } from "../kit/money";

/** A line of a fiscal receipt. Source: developer.help.paycom.uz, "CheckPerformTransaction", "Фискализация". */
export interface FiscalItem {
  title: string;
  /** The price of one piece. */
  price: Tiyin;
  count: number;
  /** IKPU (MXIK): 17 digits, from tasnif.soliq.uz. */
  code: string;
  /** The code of the package, from tasnif.soliq.uz. */
  package_code: string;
  /** The VAT in percent: 12 or 0. */
  vat_percent: number;
  /** The code of the unit of measure. */
  units?: number | undefined;
  /** The discount on the whole line. */
  discount?: Tiyin | undefined;
}

/** The sold goods of a fiscal receipt: `detail` of a CheckPerformTransaction answer, a checkout form and a receipt. */
export interface FiscalDetail {
  /** 0: a sale or a return. */
  receipt_type: 0;
  shipping?: { title: string; price: Tiyin } | undefined;
  items: FiscalItem[];
}
