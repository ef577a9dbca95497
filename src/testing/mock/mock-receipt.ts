import { type Tiyin, tiyin } from "../../kit/money";
import type { AccountField, Receipt } from "../../protocol/receipt";
import { ReceiptState } from "../../protocol/states";
import type { MockChoices } from "./choices";

/** A receipt of the mock, with every member of Payme's answers. */
export type MockReceipt = Receipt & {
  create_time: number;
  pay_time: number;
  cancel_time: number;
  cheque_id: string;
  description: string;
  account: AccountField[];
  merchant: { readonly _id: string; readonly name: string; readonly [member: string]: unknown };
};

/** The facts of a new receipt that its maker gives. */
export interface NewReceipt {
  readonly amount: Tiyin;
  readonly account: Readonly<Record<string, unknown>>;
  readonly description: string;
  readonly detail: unknown;
  readonly hold?: boolean | undefined;
}

/** The facts that Payme adds. */
interface ReceiptFacts {
  readonly id: string;
  readonly chequeId: string;
  readonly at: number;
  /** Its number among all receipts of the mock. */
  readonly order: number;
  readonly merchantId: string;
  /** The cashbox's name. */
  readonly name: string;
  readonly accountFields: MockChoices["accountFields"];
}

/** Returns an unpaid receipt. */
export function newReceipt(made: NewReceipt, facts: ReceiptFacts): MockReceipt {
  const { amount, account, description, detail, hold = false } = made;
  const { id, chequeId, at, order, merchantId, name, accountFields } = facts;
  return {
    _id: id,
    create_time: at,
    pay_time: 0,
    cancel_time: 0,
    state: ReceiptState.CREATED,
    type: hold ? 1 : 2,
    external: false,
    operation: -1,
    category: null,
    error: null,
    description,
    detail,
    amount,
    currency: 860,
    commission: tiyin(0),
    account: accountOf(account, order, accountFields),
    card: null,
    merchant: {
      _id: merchantId,
      name,
      organization: `ООО «${name}»`,
      address: "",
      business_id: merchantId,
      epos: { merchantId: "", terminalId: "" },
      date: 0,
      logo: null,
      type: "Internet",
      terms: null,
    },
    meta: { source: "subscribe", owner: merchantId },
    processing_id: null,
    cheque_id: chequeId,
  };
}

/** The account in answers: a list. A virtual terminal can add its own number, or show only that. */
function accountOf(
  account: Readonly<Record<string, unknown>>,
  order: number,
  fields: MockChoices["accountFields"],
): AccountField[] {
  const sent = Object.entries(account).map(accountField);
  if (fields === "as_sent") return sent;
  const isAlone = fields === "transaction_only";
  const transaction = { name: "transaction", title: "Номер чека", value: String(order + 1), main: isAlone };
  return isAlone ? [transaction] : [...sent, transaction];
}

/** Payme answers texts, even for numbers. */
function accountField([name, value]: [string, unknown], index: number): AccountField {
  return { name, title: name, value: String(value), main: index === 0 };
}
