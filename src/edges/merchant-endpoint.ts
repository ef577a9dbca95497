import type { MerchantRequest } from "../merchant/gate";
import type { MerchantReply } from "../merchant/merchant-api";

/** A Merchant API endpoint, as `createMerchantApi` makes it. */
export interface MerchantEndpoint {
  readonly limitBytes: number;
  handle(request: MerchantRequest): Promise<MerchantReply>;
}

/** The part of a request that tells its body. */
export type ReadBody = Pick<MerchantRequest, "body" | "isTooLarge" | "isBodyLost">;
