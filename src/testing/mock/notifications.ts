import { signPayload } from "../../gateway/signature";
import type { Clock, Sleep } from "../../kit/clock";
import { PaymeConfigError } from "../../kit/errors";
import type { ExchangeLog } from "./exchange-log";
import type { MockReceipt } from "./mock-receipt";

/** Options of notifications as a gateway of the Wedy guide sends them. Payme itself sends none. */
export interface NotifyOptions {
  readonly url: string;
  /** The secret of the signature. Default: the cashbox's key. */
  readonly secret?: string | undefined;
  /** Pauses before each repeat of a notification that was not answered with 200. Default 1, 5 and 15 seconds. */
  readonly repeatAfterMs?: readonly number[] | undefined;
  /** The longest time of an attempt. Default 10 seconds. */
  readonly timeoutMs?: number | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** A notification of the mock, and the answers to its deliveries. */
export interface MockNotification {
  readonly method: "receipts.pay" | "receipts.cancel";
  /** The cashbox. */
  readonly merchantId: string;
  readonly receiptId: string;
  readonly body: string;
  /** When it was made, in ms since 1970. */
  readonly at: number;
  /** The HTTP status of each attempt; null where no answer came. */
  readonly attempts: (number | null)[];
}

/** Sends the notifications of a cashbox. */
export type Notifier = ReturnType<typeof createNotifier>;

const REPEAT_AFTER_MS = [1_000, 5_000, 15_000];
const TIMEOUT_MS = 10_000;

/** Returns a notifier that works in the background. Without `options` it only keeps the notifications. */
export function createNotifier(
  options: NotifyOptions | undefined,
  key: string,
  { now, sleep, log, merchantId }: { now: Clock; sleep: Sleep; log: ExchangeLog; merchantId: string },
) {
  if (options?.secret === "") throw new PaymeConfigError("createMockPayme: the secret of notify is empty");
  const sent: MockNotification[] = [];
  const underway = new Set<Promise<void>>();
  let stop = new AbortController();

  function send(notification: MockNotification): Promise<void> {
    const delivery = options === undefined ? Promise.resolve() : deliver(options, key, notification, stop.signal);
    underway.add(delivery);
    return delivery.finally(() => underway.delete(delivery));
  }

  async function deliver(options: NotifyOptions, key: string, notification: MockNotification, stop: AbortSignal) {
    const { method, body } = notification;
    const signature = signPayload(body, options.secret ?? key);
    for (const pause of [0, ...(options.repeatAfterMs ?? REPEAT_AFTER_MS)]) {
      if (pause > 0) await sleep(pause, stop).catch(() => undefined);
      if (stop.aborted) return;
      const start = now();
      const status = await attempt(options, body, signature, stop);
      if (stop.aborted) return;
      notification.attempts.push(status);
      const code = status === 200 ? null : status === null ? "no_answer" : `http_${status}`;
      const about = { method, code, request: JSON.parse(body), response: null, merchantId };
      log.note({ direction: "out", ...about, ms: now() - start, at: start });
      if (status === 200) return;
    }
  }

  return {
    sent,
    notify(method: MockNotification["method"], receipt: MockReceipt): void {
      const body = bodyOf(method, receipt, now());
      const notification = { method, merchantId, receiptId: receipt._id, body, at: now(), attempts: [] };
      sent.push(notification);
      void send(notification);
    },
    /** Sends the receipt's last notification again. */
    async redeliver(receiptId: string): Promise<MockNotification | undefined> {
      const last = sent.findLast((notification) => notification.receiptId === receiptId);
      if (last !== undefined) await send(last);
      return last;
    },
    /** Resolves when no notification is being sent. */
    async flush(): Promise<void> {
      while (underway.size > 0) await Promise.all(underway);
    },
    /** Stops all repeats, and forgets what was sent. */
    clear(): void {
      stop.abort();
      stop = new AbortController();
      sent.length = 0;
    },
  };
}

/** The body as in the guide: times in seconds. */
function bodyOf(method: MockNotification["method"], receipt: MockReceipt, now: number): string {
  const { _id: id, cheque_id, amount, pay_time } = receipt;
  const time =
    method === "receipts.pay" ? { paid_at: Math.floor(pay_time / 1000) } : { cancelled_at: Math.floor(now / 1000) };
  return JSON.stringify({ method, params: { id, cheque_id, amount, ...time } });
}

/** Delivers once. Returns the status of the answer; null where none came. */
async function attempt(
  { url, timeoutMs = TIMEOUT_MS, fetch = globalThis.fetch }: NotifyOptions,
  body: string,
  signature: string,
  stop: AbortSignal,
): Promise<number | null> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json", "X-Auth-Signature": signature },
      // A redirect would turn the POST into a GET of another page, and its 200 would mean nothing.
      redirect: "manual",
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return null;
  }
}
