import { randomUUID } from "node:crypto";
import type { Provider } from "@nestjs/common";

/** The shop at Payme. */
export interface Cashbox {
  readonly merchantId: string;
  readonly key: string;
  /** Where checkout links lead. Left out: to Payme. */
  readonly checkoutHost?: string;
}

export const CASHBOX = Symbol("cashbox");

/** Without a key Payme is a mock, on this machine only; its key is random. */
export const cashboxProvider: Provider<Promise<Cashbox>> = {
  provide: CASHBOX,
  async useFactory() {
    const { PAYME_MERCHANT_ID: merchantId = "", PAYME_MERCHANT_KEY: key, PORT = "3000", NODE_ENV } = process.env;
    if (key) return { merchantId, key };
    if (NODE_ENV === "production") throw new Error("Set PAYME_MERCHANT_ID and PAYME_MERCHANT_KEY");
    const { createMockPayme } = await import("payme-kit/testing");
    const mockKey = randomUUID();
    const mock = createMockPayme({ billing: { endpoint: `http://127.0.0.1:${PORT}/payme`, key: mockKey } });
    return { merchantId: mock.merchantId, key: mockKey, checkoutHost: (await mock.listen()).url };
  },
};
