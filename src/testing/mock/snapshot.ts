import { PaymeConfigError } from "../../kit/errors";
import type { Cashbox } from "./cashbox";
import type { MoneyBook } from "./money-book";
import { type MockSnapshot, snapshotSchema } from "./snapshot-schema";

/** What a snapshot is made of, and put back into. */
export interface SnapshotParts {
  readonly cashboxes: readonly Cashbox[];
  readonly money: MoneyBook;
  receiptsMade: number;
  dice: number;
}

/** The books as JSON. */
export function snapshotOf({ cashboxes, money, receiptsMade, dice }: SnapshotParts): MockSnapshot {
  return {
    version: 1,
    receiptsMade,
    dice,
    movements: money.saved(),
    cashboxes: cashboxes.map(({ merchantId, book, tokens, cashier, billing, notifier }) => ({
      merchantId,
      receipts: book.saved(),
      tokens: tokens.saved(),
      attempts: cashier.saved(),
      transactions: billing?.saved() ?? [],
      notifications: structuredClone([...notifier.sent]),
    })),
  };
}

/**
 * Puts books back. Cashboxes are told apart by their ids: those that the mock does not have are left out.
 *
 * @throws PaymeConfigError for what is no snapshot of this version.
 */
export function restore(
  parts: Omit<SnapshotParts, "receiptsMade" | "dice">,
  saved: unknown,
): Pick<MockSnapshot, "receiptsMade" | "dice"> {
  const snapshot = readSnapshot(saved);
  const known = new Map(parts.cashboxes.map((cashbox) => [cashbox.merchantId, cashbox]));
  for (const { merchantId, receipts, tokens, attempts, transactions, notifications } of snapshot.cashboxes) {
    const cashbox = known.get(merchantId);
    cashbox?.book.restore(receipts);
    cashbox?.tokens.restore(tokens);
    cashbox?.cashier.restore(attempts);
    cashbox?.billing?.restore(transactions);
    cashbox?.notifier.sent.push(...structuredClone([...notifications]));
  }
  parts.money.restore(snapshot.movements.filter(({ merchantId }) => known.has(merchantId)));
  return snapshot;
}

/** Text of JSON, or what was parsed of it. */
function readSnapshot(saved: unknown): MockSnapshot {
  const parsed = snapshotSchema().safeParse(typeof saved === "string" ? parsedJson(saved) : saved);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PaymeConfigError(
    `createMockPayme: restore is no snapshot of this version (${["snapshot", ...(issue?.path ?? [])].join(".")}: ${issue?.message})`,
    { hint: "Give what mock.snapshot() gave, unchanged; or leave restore out and begin with empty books." },
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
