import * as z from "zod";
import { lazy } from "../kit/lazy";

/** `{ success: true }`: of remove, send and set_fiscal_data. An answer without it is no refusal, for those are errors. */
export const successAnswer = lazy(() =>
  z
    .looseObject({ success: z.boolean().optional().catch(undefined) })
    .transform(({ success }) => ({ success: success ?? true })),
);
