import type { RequestHandler } from "express";
import type { Logs } from "./logging";

/** Logs each request once it is answered: what, how it ended, how long. No query, no header, no body. */
export function logRequests(logs: Logs): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    const path = request.path;
    response.once("close", () => {
      const logger = isPaymentWork(path) ? logs.payme : logs.server;
      const status = response.writableFinished ? response.statusCode : null;
      logger.info("request", { method: request.method, path, status, ms: Math.round(performance.now() - start) });
    });
    next();
  };
}

function isPaymentWork(path: string): boolean {
  return path.startsWith("/payme") || /^\/tariffs\/[^/]+\/purchase\/?$/.test(path);
}
