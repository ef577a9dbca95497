/** The callbacks that wait for a signal, and its one listener. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** Node 20 warns of more than ten listeners on one signal, and many calls share one: so each signal has one listener. */
const waitingFor = new WeakMap<AbortSignal, Waiting>();

/** Calls back once when the signal aborts, or at once where it has. Returns the function that takes the callback back. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal?.aborted) callback();
  if (signal === undefined || signal.aborted) return () => {};
  const waiting = waitingFor.get(signal) ?? listenTo(signal);
  const call = () => callback();
  waiting.callbacks.add(call);
  return () => {
    waiting.callbacks.delete(call);
    if (waiting.callbacks.size > 0) return;
    signal.removeEventListener("abort", waiting.listener);
    if (waitingFor.get(signal) === waiting) waitingFor.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = () => {
    waitingFor.delete(signal);
    for (const call of callbacks) call();
  };
  signal.addEventListener("abort", listener, { once: true });
  const waiting = { callbacks, listener };
  waitingFor.set(signal, waiting);
  return waiting;
}
