import type { RequestHandler } from "express";
import type { Logger } from "payme-kit";

/** What the API answers is for its caller alone: no cache, shared or private, keeps it. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.set("Cache-Control", "no-store");
  next();
};

/** Warns once where a proxy passes requests on, and none is trusted: then all clients share one address and its limits. */
export function warnOfProxy(logger: Logger): RequestHandler {
  let isTold = false;
  return (request, _response, next) => {
    if (!isTold && request.get("x-forwarded-for") !== undefined) {
      isTold = true;
      logger.warn("a request has X-Forwarded-For, and TRUST_PROXY is 0: all clients count as one address", {
        hint: "Set TRUST_PROXY to the number of your proxies. Where there is none, somebody has made the header up.",
      });
    }
    next();
  };
}
