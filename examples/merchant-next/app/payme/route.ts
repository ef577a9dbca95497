import { fetchMerchant } from "payme-kit/fetch";
import { merchant } from "../../payme/merchant";

const handler = fetchMerchant(merchant);

// Each method that is missing here would be answered 405.
export {
  handler as DELETE,
  handler as GET,
  handler as HEAD,
  handler as OPTIONS,
  handler as PATCH,
  handler as POST,
  handler as PUT,
};
