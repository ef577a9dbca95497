import { PaymeAPIError } from "../kit/errors";
import { SubscribeErrorCode } from "../protocol/codes";

/** What Payme says of a receipt; undefined where it says that there is no such receipt. */
export async function unlessUnknown<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    const isUnknown =
      error instanceof PaymeAPIError && error.errorCode === String(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID);
    if (isUnknown) return undefined;
    throw error;
  }
}
