const LOOK_EVERY_MS = 500;

/** Calls `stop` once: on SIGTERM, on SIGINT, and where the npm that started us is gone. */
export function onStop(stop: () => Promise<void>): void {
  let isStopping = false;
  const once = () => {
    if (isStopping) return;
    isStopping = true;
    clearInterval(watch);
    void stop();
  };
  process.on("SIGTERM", once).on("SIGINT", once);
  // npm hands a signal to the shell in between, which ends and passes nothing on: without this, the port stays taken.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event === "start" && process.ppid !== parent) once();
  }, LOOK_EVERY_MS);
  watch.unref();
}
