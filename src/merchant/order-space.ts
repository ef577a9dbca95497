import type { Clock } from "../kit/clock";
import { PaymeConfigError } from "../kit/errors";
import { isRecord } from "../kit/json";
import type { Logger } from "../kit/logger";
import type { Scope, Storage, TransactionRow } from "../ledger";

/** The space of references of an endpoint. */
export interface OrderSpace {
  readonly name: string;
  /**
   * Moves the live orders of the cashbox here where they stand in another space: the option has changed. Once for each mode.
   *
   * @throws PaymeConfigError while a live transaction of another cashbox has one of them.
   */
  enter(scope: Scope): Promise<void>;
}

interface OrderSpaceOptions<Tx> {
  readonly storage: Storage<Tx>;
  readonly cashbox: string;
  readonly sharedOrders: string | undefined;
  readonly now: Clock;
  readonly logger: Logger;
}

/** A move is written into the books, so that no later start has to look at the rows. */
const MOVED = { kind: "orders.moved", subject: "payme-kit:orders" } as const;
/** The most moves that are read; the last one counts. */
const MOST_MOVES = 1_000;
/** How long a refusal stands before the rows are looked at again. */
const REFUSED_MS = 60_000;

/** Creates the space of an endpoint: the option `sharedOrders`, or the cashbox. */
export function createOrderSpace<Tx>(options: OrderSpaceOptions<Tx>): OrderSpace {
  const { cashbox, sharedOrders, now } = options;
  if (sharedOrders === "") throw new PaymeConfigError("createMerchantApi: sharedOrders is empty");
  const name = sharedOrders ?? cashbox;
  const attempts = new Map<Scope["mode"], { readonly done: Promise<void>; retryAt: number }>();
  return {
    name,
    enter(scope) {
      const last = attempts.get(scope.mode);
      if (last !== undefined && now() < last.retryAt) return last.done;
      const attempt = { done: moveInto(options, scope, name), retryAt: Number.POSITIVE_INFINITY };
      attempts.set(scope.mode, attempt);
      attempt.done.catch((error: unknown) => {
        attempt.retryAt = error instanceof PaymeConfigError ? now() + REFUSED_MS : 0;
      });
      return attempt.done;
    },
  };
}

async function moveInto<Tx>(
  { storage, now, logger }: OrderSpaceOptions<Tx>,
  scope: Scope,
  name: string,
): Promise<void> {
  const moves = await storage.listEvents(scope, { subject: MOVED.subject, kinds: [MOVED.kind], limit: MOST_MOVES });
  const from = spaceIn(moves.at(-1)?.data) ?? scope.cashbox;
  if (from === name) return;
  await storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const moved = await verbs.moveOrders(scope, name);
    if (moved.outcome === "conflict") throw inTheWay(scope, name, moved.rows);
    await verbs.appendEvents([{ ...scope, ...MOVED, at: now(), data: { space: name } }]);
  });
  logger.info("the orders of the cashbox are held in another space now", { ...scope, from, to: name });
}

function spaceIn(data: unknown): string | undefined {
  return isRecord(data) && typeof data.space === "string" ? data.space : undefined;
}

function inTheWay({ cashbox, mode }: Scope, name: string, rows: readonly TransactionRow[]): PaymeConfigError {
  const named = rows.map(({ reference, paymeId }) => `${reference} (${paymeId})`).join(", ");
  return new PaymeConfigError(
    `the orders of the cashbox ${cashbox} (${mode}) cannot move to ${name}: another live transaction holds ${named} there`,
    {
      hint: "Until one of the two has ended, nothing new is sold here. An unpaid one ends when Payme cancels it, or by sweep() after its 12 hours; refund a paid one in the cabinet. Or start this endpoint with its old sharedOrders.",
    },
  );
}
