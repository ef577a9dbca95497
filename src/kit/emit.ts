import { isThenable } from "./eventual";
import type { Logger } from "./logger";
import { seldom } from "./seldom";

/** Gets events after they happened. What it throws, or rejects with, is logged and changes nothing; it is not waited for. */
export type EventListener<Event> = (event: Event) => void;

/** A failing listener is logged once in this time. */
const COMPLAIN_EVERY_MS = 60_000;
const mayComplain = /* @__PURE__ */ new WeakMap<object, (at: number) => boolean>();

/** Gives an event to a listener. Never throws. */
export function emit<Event extends { readonly at: number }>(
  listener: EventListener<Event>,
  event: Event,
  logger: Logger,
): void {
  const complain = (error: unknown): void => {
    const may = mayComplain.get(listener) ?? seldom(COMPLAIN_EVERY_MS);
    mayComplain.set(listener, may);
    if (!may(event.at)) return;
    // Not the event's values: a listener's error may repeat them.
    logger.error("onEvent failed; this is said once a minute", {
      error: error instanceof Error ? error.name : typeof error,
    });
  };
  callSafely(() => listener(event), complain);
}

/** Calls a function of the shop, and does not wait for it. Passes what it throws, or rejects with, to `complain`. */
export function callSafely(call: () => unknown, complain: (error: unknown) => void): void {
  const failed = (error: unknown): void => {
    try {
      complain(error);
    } catch {
      // A logger that fails must not turn a payment that went through into an error.
    }
  };
  try {
    const returned = call();
    // An async function fits the type, too; its rejection would end the process.
    if (isThenable(returned)) returned.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}
