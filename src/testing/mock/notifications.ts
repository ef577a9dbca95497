import { signPayload } from "../../gateway/signature";
import type { Clock, Sleep } from "../../kit/clock";
import { PaymeConfigError } from "../../kit/errors";
import type { ExchangeLog } from "./exchange-log";
import type { MockReceipt } from "./mock-receipt";

/** Where to notify, as a gateway of the Wedy guide does. Payme itself sends no such notifications. */
export interface NotifyOptions {
  readonly url: string;
  /** What signs them. Default: the mock's key. */
  readonly secret?: string | undefined;
  /** Pauses before a notification is repeated that was not answered with 200. Default 1, 5 and 15 seconds. */
  readonly repeatAfterMs?: readonly number[] | undefined;
  /** How long an attempt may take. Default 10 seconds. */
  readonly timeoutMs?: number | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** A notification and how its deliveries went. */
export interface Notification {
  readonly method: "receipts.pay" | "receipts.cancel";
  /** The cashbox. */
  readonly merchantId: string;
  readonly receiptId: string;
  readonly body: string;
  /** When it was made, in ms since 1970. */
  readonly at: number;
  /** The HTTP status of each attempt; null where there was no answer. */
  readonly attempts: (number | null)[];
}

/** Sends notifications in the background. */
export interface Notifier {
  readonly sent: Notification[];
  notify(method: Notification["method"], receipt: MockReceipt): void;
  /** Sends the receipt's last notification again. */
  redeliver(receiptId: string): Promise<Notification | undefined>;
  /** Resolves when nothing is on its way any more. */
  flush(): Promise<void>;
  /** Stops repeating, and forgets what was sent. */
  clear(): void;
}

/** What a notifier works with. */
export interface NotifierTools {
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly log: ExchangeLog;
  /** The cashbox. */
  readonly merchantId: string;
}

const REPEAT_AFTER_MS = [1_000, 5_000, 15_000];
const TIMEOUT_MS = 10_000;

export function createNotifier(
  options: NotifyOptions | undefined,
  key: string,
  { now, sleep, log, merchantId }: NotifierTools,
): Notifier {
  if (options?.secret === "") throw new PaymeConfigError("createMockPayme: the secret of notify is empty");
  const sent: Notification[] = [];
  const underway = new Set<Promise<void>>();
  let stop = new AbortController();

  function send(notification: Notification): Promise<void> {
    const delivery = options === undefined ? Promise.resolve() : deliver(options, key, notification, stop.signal);
    underway.add(delivery);
    return delivery.finally(() => underway.delete(delivery));
  }

  async function deliver(options: NotifyOptions, key: string, notification: Notification, stop: AbortSignal) {
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
      const ms = now() - start;
      log.note({
        direction: "out",
        method,
        ms,
        code,
        request: JSON.parse(body),
        response: null,
        at: start,
        merchantId,
      });
      if (status === 200) return;
    }
  }

  return {
    sent,
    notify(method, receipt) {
      const { _id: receiptId } = receipt;
      const notification = {
        method,
        merchantId,
        receiptId,
        body: bodyOf(method, receipt, now()),
        at: now(),
        attempts: [],
      };
      sent.push(notification);
      void send(notification);
    },
    async redeliver(receiptId) {
      const last = sent.findLast((notification) => notification.receiptId === receiptId);
      if (last !== undefined) await send(last);
      return last;
    },
    async flush() {
      while (underway.size > 0) await Promise.all(underway);
    },
    clear() {
      stop.abort();
      stop = new AbortController();
      sent.length = 0;
    },
  };
}

/** The body as the guide prints it: times in seconds. */
function bodyOf(method: Notification["method"], receipt: MockReceipt, now: number): string {
  const { _id: id, cheque_id, amount, pay_time } = receipt;
  const time =
    method === "receipts.pay" ? { paid_at: Math.floor(pay_time / 1000) } : { cancelled_at: Math.floor(now / 1000) };
  return JSON.stringify({ method, params: { id, cheque_id, amount, ...time } });
}

/** One delivery: the status of its answer, null where there was none. */
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
      // A redirect would turn the POST into a GET of another page, whose 200 says nothing.
      redirect: "manual",
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return null;
  }
}
