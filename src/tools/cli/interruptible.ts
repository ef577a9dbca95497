import { CertifierError } from "../certifier/certifier-error";
import { type CliIo, UsageError } from "./io";

/** Calls an endpoint as Payme does. Interrupted work first cancels its open transactions, so no order stays reserved. */
export async function interruptible<R>(io: CliIo, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const interruption = new AbortController();
  const forget = io.onInterrupt(() => interruption.abort());
  try {
    return await work(interruption.signal);
  } catch (error) {
    if (interruption.signal.aborted) throw new UsageError("interrupted; the open transactions are cancelled");
    if (error instanceof CertifierError) throw new UsageError(error.message);
    throw error;
  } finally {
    forget();
  }
}
