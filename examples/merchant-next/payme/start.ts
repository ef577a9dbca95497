import { migrate } from "./orders";

/** `instrumentation.ts` calls it once, before the first request: it makes the tables. */
export async function startPayme(): Promise<void> {
  await migrate();
  if (process.env.NODE_ENV !== "production" && !process.env.PAYME_MERCHANT_KEY) await playPayme();
}

/** Without a key `npm run dev` has a mock of Payme, on this machine only; its key is random. */
async function playPayme(): Promise<void> {
  // From node_modules, not from a bundle: it loads its pages when they are asked for.
  const { createMockPayme } = await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ "payme-kit/testing");
  const key = globalThis.crypto.randomUUID();
  const endpoint = `http://127.0.0.1:${process.env.PORT ?? 3000}/payme`;
  const mock = createMockPayme({ billing: { endpoint, key } });
  process.env.PAYME_MERCHANT_ID = mock.merchantId;
  process.env.PAYME_MERCHANT_KEY = key;
  process.env.PAYME_CHECKOUT_HOST = (await mock.listen()).url;
}
