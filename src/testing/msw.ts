import { HttpResponse, http, type RequestHandler } from "msw";
import { API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST } from "../protocol/hosts";

/** Options of {@link mockPaymeHandlers}. */
export interface MockHandlersOptions {
  /** Default: all of Payme's, live and test. */
  hosts?: readonly string[] | undefined;
}

/**
 * Returns MSW handlers that let a mock answer at Payme's hosts: the API and the receipts' pages.
 *
 * @example
 * const mock = createMockPayme();
 * const server = setupServer(...mockPaymeHandlers(mock));
 * server.listen();
 */
export function mockPaymeHandlers(
  mock: { readonly fetch: typeof globalThis.fetch },
  options: MockHandlersOptions = {},
): RequestHandler[] {
  const hosts = options.hosts ?? [...new Set([API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST])];
  return hosts.map((host) =>
    http.all(`${host}/*`, async ({ request }) => {
      try {
        return await mock.fetch(request);
      } catch (error) {
        const isDropped = error instanceof TypeError && error.message === "fetch failed";
        if (isDropped || request.signal.aborted) return HttpResponse.error();
        // Any other error is a bug of the mock, and MSW shows it.
        throw error;
      }
    }),
  );
}
