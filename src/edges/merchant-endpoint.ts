import type { MerchantRequest } from "../merchant/gate";
import type { MerchantReply } from "../merchant/merchant-api";

/** The part of a Merchant API endpoint that edges need. `createMerchantApi` returns one. */
export interface MerchantEndpoint {
  readonly limitBytes: number;
  handle(request: MerchantRequest): Promise<MerchantReply>;
}

/** The body of a request, or why there is none. */
export type ReadBody = Pick<MerchantRequest, "body" | "isTooLarge" | "isBodyLost">;
