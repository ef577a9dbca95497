import type { RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import { tooMany } from "./refusal";

/** How many requests of a kind one address may make in a minute. */
export interface Limits {
  /** Requests whose token or signature is missing or wrong. Those with a right one are never counted. */
  readonly failedAuthentications: number;
  /** Requests for pages and their files. */
  readonly pages: number;
}

export const DEFAULT_LIMITS: Limits = { failedAuthentications: 100, pages: 600 };

const WINDOW_MS = 60_000;

/** Lets so many requests of an address through in a minute; the next ones are refused with 429. */
export function perMinute(limit: number): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    // Whose word counts about the client's address is settled by TRUST_PROXY.
    validate: { xForwardedForHeader: false, forwardedHeader: false, trustProxy: false },
    handler: (_request, _response, next) => next(tooMany()),
  });
}
