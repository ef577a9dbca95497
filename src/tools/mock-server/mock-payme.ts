import { asFetch } from "../../testing/mock/as-fetch";
import { createMockCore, type MockCore } from "../../testing/mock/mock-core";
import type { MockPaymeOptions } from "../../testing/mock/mock-payme-options";
import { createChanges } from "./console/changes";
import { isCheckout, pageReceiptId } from "./pages/paths";
import type { MockServer, ServeOptions } from "./server";

/** Payme in memory, with its API, payment page and console. Made by {@link createMockPayme}. */
export interface MockPayme extends MockCore {
  /** Answers its API and its pages at any host: give it to a client as `fetch`. */
  readonly fetch: typeof globalThis.fetch;
  /** Serves it over HTTP. */
  listen(options?: ServeOptions): Promise<MockServer>;
}

/**
 * Returns a Payme in memory, for tests without a cashbox, card or network. Nothing runs until it is called.
 *
 * @throws PaymeConfigError for an empty key or secret, two cashboxes with one id, or a wrong snapshot.
 * @example
 * const mock = createMockPayme();
 * const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, mode: "test", fetch: mock.fetch });
 * const receipt = await client.receipts.create({ amount: som(1_000), account: { order_id: 1 } });
 * await mock.pay(receipt._id, { card: { number: "8600495473316478", expire: "03/99" } });
 */
export function createMockPayme(options: MockPaymeOptions = {}): MockPayme {
  const { mock: core, inside } = createMockCore(options);
  const { answerApi, testCards, aheadMs, passTime, cashbox, transactionOf } = inside;
  const changes = createChanges();
  core.onChange(changes.note);

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/api" || pathname === "/api/") return answerApi(request);
    // Pages are loaded when they are first asked for.
    if (pathname === "/console" || pathname.startsWith("/console/")) {
      const { answerConsole } = await import("./console/console");
      return answerConsole({ mock, testCards, aheadMs, passTime }, changes, request);
    }
    if (pageReceiptId(pathname) !== undefined) {
      const { answerPage } = await import("./pages/payment-page");
      const { receipt, pay, cancel, flush, now } = mock;
      return answerPage({ receipt, pay, cancel, flush, transactionOf, testCards, now }, request);
    }
    if (isCheckout({ method: request.method, pathname })) {
      const { answerCheckout } = await import("./pages/checkout-page");
      return answerCheckout({ cashbox }, request);
    }
    const hint = "This is a mock of Payme: POST /api, or open /console, a receipt's page or a checkout link.\n";
    return new Response(hint, { status: 404 });
  }

  // Assigned to the core itself: a copy would read its getters once.
  const mock: MockPayme = Object.assign(core, {
    fetch: asFetch(answer),
    async listen(serveOptions?: ServeOptions) {
      const { serve } = await import("./server");
      return serve(answer, serveOptions);
    },
  });
  return mock;
}
