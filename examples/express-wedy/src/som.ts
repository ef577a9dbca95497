import { som, TIYIN_PER_SOM, type Tiyin } from "payme-kit";
import * as z from "zod";

/** Most som that are exact in tiyin. */
const MAX_SOM = 90_071_992_547_409;

/** A price in a request. The API speaks whole som, payme-kit counts in tiyin: only this file turns one into the other. */
export const somSchema = (meaning: string) =>
  z
    .int()
    .min(1)
    .max(MAX_SOM)
    .describe(meaning)
    .transform((amount) => som(amount));

/** A price in an answer. */
export function toSom(price: Tiyin): number {
  return price / TIYIN_PER_SOM;
}
