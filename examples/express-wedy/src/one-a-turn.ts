import type { RequestHandler } from "express";

/**
 * Starts one request in each turn of the event loop. What does not stand in this line, Payme's calls, is answered between two of
 * them, however many come at once.
 */
export function oneATurn(): RequestHandler {
  const line: (() => void)[] = [];
  function startFirst(): void {
    line.shift()?.();
    if (line.length > 0) setImmediate(startFirst);
  }
  return (_request, _response, next) => {
    if (line.push(next) === 1) setImmediate(startFirst);
  };
}
