/** Runs once, before the first request, and not during a build. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { startPayme } = await import("./payme/start");
    await startPayme();
  }
}
