import type { CardInput } from "../../../testing/mock/cards";
import type { PayOutcome } from "../../../testing/mock/pay-receipt";
import type { texts } from "./texts";

/** A field of the card's form. */
export type CardField = "number" | "expire" | "cvv";

/** The fields in the order in which a payer meets them. */
export const CARD_FIELDS: readonly CardField[] = ["number", "expire", "cvv"];

/** What is wrong with which field, as the name of its text. */
export type Problems = Readonly<Partial<Record<CardField, keyof typeof texts>>>;

/** The card in a posted form. */
export function cardOf(form: URLSearchParams): CardInput & { readonly cvv: string } {
  const value = (name: CardField) => form.get(name)?.trim() ?? "";
  return { number: value("number"), expire: value("expire"), cvv: value("cvv") };
}

/** What no card could have: said of all fields at once, before a card is looked for. */
export function problemsOf({ number, expire }: CardInput): Problems {
  const digits = number.replace(/[ -]/g, "");
  return {
    ...(digits === "" ? { number: "number_missing" } : {}),
    ...(/^\d{1,15}$/.test(digits) ? { number: "number_short" } : {}),
    ...(/^(0[1-9]|1[0-2]) ?\/? ?\d{2}$/.test(expire) ? {} : { expire: "expire_missing" }),
  };
}

/** What the mock found wrong, as the field's problem; undefined where it is about no field. */
export function problemOf({ field }: Extract<PayOutcome, { outcome: "declined" }>): Problems | undefined {
  return field === undefined ? undefined : { [field]: `${field}_problem` };
}
