/** A line of a fiscal receipt. Source: developer.help.paycom.uz, "CheckPerformTransaction", "Фискализация". */
export interface FiscalItem {
  title: string;
  /** Of one piece, in tiyin. */
  price: number;
  count: number;
  /** IKPU (MXIK): 17 digits, from tasnif.soliq.uz. */
  code: string;
  /** The package's code, from tasnif.soliq.uz. */
  package_code: string;
  /** VAT in percent: 12, or 0. */
  vat_percent: number;
  /** The code of the unit of measure. */
  units?: number | undefined;
  /** Of the whole line, in tiyin. */
  discount?: number | undefined;
}

/** What a fiscal receipt says was sold: `detail` of a CheckPerformTransaction answer, of a checkout form and of a receipt. */
export interface FiscalDetail {
  /** 0: sale or return. */
  receipt_type: 0;
  shipping?: { title: string; price: number } | undefined;
  items: FiscalItem[];
}
