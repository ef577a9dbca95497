/** Runs once, before the first request, and not during a build. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { migrate } = await import("./lib/orders");
  await migrate();
  if (process.env.NODE_ENV !== "production" && !process.env.PAYME_MERCHANT_KEY) await playPayme();
}

/** Without a key `npm run dev` has a mock of Payme, on this machine only; its key is random. */
async function playPayme(): Promise<void> {
  const { createMockPayme } = await import("payme-kit/testing");
  const key = globalThis.crypto.randomUUID();
  const endpoint = `http://127.0.0.1:${process.env.PORT ?? 3000}/payme`;
  const mock = createMockPayme({ billing: { endpoint, key } });
  process.env.PAYME_MERCHANT_ID = mock.merchantId;
  process.env.PAYME_MERCHANT_KEY = key;
  process.env.PAYME_CHECKOUT_HOST = (await mock.listen()).url;
}
