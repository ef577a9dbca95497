import type { Mode } from "../protocol/hosts";

/** A request to Payme has ended. A read that is repeated is told each time. */
export interface ClientEvent {
  readonly kind: "client.call";
  /** When it ended, in ms. */
  readonly at: number;
  readonly cashbox: string;
  readonly mode: Mode;
  /** One id for all events of a call, from the request to the commit. */
  readonly trace?: string | undefined;
  readonly method: string;
  readonly ms: number;
  /** `unknown`: no usable answer came, so a write may have been carried out. */
  readonly outcome: "ok" | "refused" | "unreachable" | "unknown";
  /** Payme's code, or a word for an answer that never came; null: it succeeded. */
  readonly code: number | string | null;
}

/** A request that has ended. */
export type CalledMethod = Pick<ClientEvent, "at" | "method" | "ms" | "outcome" | "code">;

/** Returns the event of a request: its fields, and nothing else of it. */
export function callEvent(
  { cashbox, mode, trace }: Pick<ClientEvent, "cashbox" | "mode" | "trace">,
  { at, method, ms, outcome, code }: CalledMethod,
): ClientEvent {
  return { kind: "client.call", at, cashbox, mode, trace, method, ms, outcome, code };
}
