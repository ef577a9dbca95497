import * as z from "zod";
import { lazy } from "../kit/lazy";
import type { Card } from "../protocol/card";

/** The shapes of results of `cards.*`: what decides nothing may be missing or new. */
export const cardAnswers = lazy(() => {
  const card: z.ZodType<Card> = z.looseObject({
    number: z.string().catch(""),
    expire: z.string().catch(""),
    token: z.string().min(1),
    recurrent: z.boolean().catch(false),
    verify: z.boolean().catch(false),
    type: z.string().optional().catch(undefined),
  });
  return {
    /** Of create, verify and check. */
    card: z.looseObject({ card }),
    /** Of get_verify_code. */
    sent: z.looseObject({
      sent: z.boolean().catch(true),
      phone: z.string().catch(""),
      wait: z.number().nonnegative().catch(0),
    }),
  };
});
