import { PaymeConfigError } from "../kit/errors";
import { consoleLogger } from "../kit/logger";
import { seldom } from "../kit/seldom";
import { headerOf, type MerchantRequest } from "./gate";
import type { MerchantApi } from "./merchant-api";

const SHARED = "two cashboxes of one URL share a key: give each endpoint the keys of its own cashbox";

/**
 * Answers the calls of several cashboxes on one URL. The key tells whose call it is; a call with none of the keys is refused with
 * -32504. Give the result to any edge. `sweep` and the rest stay with each endpoint.
 *
 * @throws PaymeConfigError where two share a key. Keys that a function returns are not known yet: what comes with a shared one
 * is refused with -32504, and the log says why.
 * @example app.post("/payme", expressMerchant(cashboxes(shop, delivery)));
 */
export function cashboxes(
  first: MerchantApi<never>,
  ...others: readonly MerchantApi<never>[]
): Pick<MerchantApi, "handle" | "limitBytes"> {
  const all = [first, ...others];
  const isShared = all.some(({ keys }, index) => all.slice(index + 1).some((other) => keys.sharesOne(other.keys)));
  if (isShared) throw new PaymeConfigError(`cashboxes: ${SHARED}`);
  const mayWarn = seldom(60_000);
  return {
    limitBytes: Math.max(...all.map(({ limitBytes }) => limitBytes)),
    handle(request) {
      // Each is asked, also after a match: how long it takes tells nothing.
      const [owner, second] = all.filter((endpoint) => isFor(endpoint, request));
      if (second === undefined) return (owner ?? first).handle(request);
      if (mayWarn(Date.now())) consoleLogger.error(SHARED);
      return first.handle({ ...request, headers: {} });
    },
  };
}

/** An endpoint whose keys cannot be read is not asked. Where nobody else has the key, the first one answers. */
function isFor({ keys }: MerchantApi<never>, { headers }: MerchantRequest): boolean {
  try {
    return keys.modeOf(headerOf(headers, "authorization")) !== undefined;
  } catch {
    return false;
  }
}
