import { PaymeConfigError } from "../kit/errors";

/** The shop's own id of what is paid. `197`, `"197"` and `197n` are one reference. */
export type Reference = number | bigint | string;

/** The type of a reference before it was stored. */
export type ReferenceType = "number" | "bigint" | "string";

/** A reference as rows keep it: its text, by which it is found and unique, and its type. */
export interface StoredReference {
  readonly reference: string;
  readonly referenceType: ReferenceType;
}

const HINT = "Give the id of the row that you found, not what the caller sent: a whole number, a bigint or a text.";

/**
 * Returns a reference as rows keep it.
 *
 * @throws PaymeConfigError for what names nothing: a missing one, an empty text, NaN, a fraction, a number that is not safe.
 */
export function storedReference(reference: unknown): StoredReference {
  const referenceType = typeof reference;
  if (
    (referenceType === "string" && reference !== "") ||
    (referenceType === "number" && Number.isSafeInteger(reference)) ||
    referenceType === "bigint"
  ) {
    return { reference: String(reference), referenceType };
  }
  const seen = referenceType === "number" ? String(reference) : reference === "" ? "an empty text" : referenceType;
  throw new PaymeConfigError(`${seen} cannot be a reference`, { hint: HINT });
}

/** Returns the reference of a row in the type that it had. */
export function referenceOf({ reference, referenceType }: StoredReference): Reference {
  if (referenceType === "number") return Number(reference);
  return referenceType === "bigint" ? BigInt(reference) : reference;
}
