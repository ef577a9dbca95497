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
      const asked = all.map((endpoint) => ({ endpoint, isIts: isFor(endpoint, request) }));
      const [owner, second] = asked.filter(({ isIts }) => isIts);
      // Nobody has the key. One who cannot read his own may: his answer is -32400, and Payme comes again.
      const unread = asked.find(({ isIts }) => isIts === undefined);
      if (second === undefined) return (owner ?? unread)?.endpoint.handle(request) ?? first.handle(request);
      if (mayWarn(Date.now())) consoleLogger.error(SHARED);
      return first.handle({ ...request, headers: {} });
    },
  };
}

/** Undefined for an endpoint whose keys cannot be read. */
function isFor({ keys }: MerchantApi<never>, { headers }: MerchantRequest): boolean | undefined {
  try {
    return keys.modeOf(headerOf(headers, "authorization")) !== undefined;
  } catch {
    return undefined;
  }
}
