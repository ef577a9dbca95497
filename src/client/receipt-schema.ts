import * as z from "zod";
import { lazy } from "../kit/lazy";
import type { AccountField, Receipt } from "../protocol/receipt";

/** The shapes of results. */
export const answers = lazy(() => {
  // Only `_id`, `state` and `amount` decide anything. A surprise in another member must not make a payment that went
  // through look like a failure, so a member of another type than documented is left out; unknown members stay.
  const number = z.number().optional().catch(undefined);

  const title = z.union([
    z.string(),
    z.looseObject({ ru: z.string().exactOptional(), uz: z.string().exactOptional(), en: z.string().exactOptional() }),
  ]);

  const accountField: z.ZodType<AccountField> = z.looseObject({
    name: z.string(),
    title: title.optional().catch(undefined),
    value: z.union([z.string(), z.number(), z.null()]),
    main: z.boolean().optional().catch(undefined),
  });

  const card = z.looseObject({ number: z.string(), expire: z.string().optional().catch(undefined) });

  const receipt: z.ZodType<Receipt> = z.looseObject({
    _id: z.string().min(1),
    state: z.int(),
    amount: z.int().nonnegative(),
    create_time: number,
    pay_time: number,
    cancel_time: number,
    type: number,
    description: z.string().nullish().catch(undefined),
    currency: number,
    commission: number,
    account: z.array(accountField).optional().catch(undefined),
    card: card.nullish().catch(undefined),
    processing_id: z.union([z.number(), z.string()]).nullish().catch(undefined),
  });

  return {
    /** Of create, get and cancel. */
    receipt: z.looseObject({ receipt }),
    /** A bare array: of get_all. */
    list: z.array(receipt),
    /** Of check. */
    state: z.looseObject({ state: z.int() }),
  };
});
