import { PaymeConnectionError } from "../kit/errors";
import type { Receipt } from "../protocol/receipt";
import type { CallOptions } from "./call";

/** One page of `receipts.getAll`. */
export interface ReceiptPage {
  readonly receipts: readonly Receipt[];
  /** The others of the page: they cannot be read. Look each up in Payme's cabinet. */
  readonly unread: readonly UnreadReceipt[];
}

/** A receipt of a page whose `_id`, `state` or `amount` is missing or of another type. */
export interface UnreadReceipt {
  /** Payme's `_id`; null where there is none. */
  readonly id: string | null;
  /** The member that cannot be read, never its value. */
  readonly problem: string;
}

/** Reads one page, as `receipts.getAll` does. */
type ReadPage = (
  page: { from: number; to: number; count: number; offset: number },
  options: CallOptions | undefined,
) => Promise<ReceiptPage>;

const PAGE = 50;
/** How many receipts of a page the next page must show again. Where it does not, the list has moved. */
const OVERLAP = 5;
/** How many ids are remembered. A list that moves by more between two pages cannot be paged through. */
const REMEMBERED = 1_000;
const MOST_REPEATED_PAGES = 20;
/** How many unread receipts an error names. */
const NAMED = 5;

/**
 * Every receipt of a period once, page after page. Payme pages by offset, so a receipt that is paid meanwhile can move
 * the others. Therefore pages overlap; where the overlap is missing, the walk steps back.
 *
 * @throws PaymeConnectionError where too many pages repeat earlier ones: the other side ignores `offset`. At the end, where
 * receipts could not be read.
 */
export async function* listReceipts(
  read: ReadPage,
  { from, to }: { from: number; to: number },
  options?: CallOptions,
): AsyncGenerator<Receipt, void, undefined> {
  const known = new Set<string>();
  const odd = new Set<string>();
  let offset = 0;
  let barren = 0;
  for (;;) {
    const { receipts, unread } = await read({ from, to, count: PAGE, offset }, options);
    const fresh = receipts.filter(({ _id }) => !known.has(_id));
    for (const receipt of fresh) {
      remember(known, receipt._id);
      yield receipt;
    }
    for (const { id, problem } of unread) remember(odd, `${id ?? "one without _id"} (${problem})`);
    if (receipts.length + unread.length < PAGE) break;
    barren = fresh.length === 0 ? barren + 1 : 0;
    if (barren > MOST_REPEATED_PAGES) throw new PaymeConnectionError("receipts.get_all: every page shows the same");
    const hasMoved = offset > 0 && fresh.length > 0 && fresh.length === receipts.length;
    offset = hasMoved ? Math.max(0, offset - (PAGE - OVERLAP)) : offset + PAGE - OVERLAP;
  }
  if (odd.size === 0) return;
  const named = [...odd].slice(0, NAMED).join(", ");
  throw new PaymeConnectionError(
    `receipts.get_all: all receipts were given but ${odd.size} that cannot be read: ${named}`,
  );
}

function remember(known: Set<string>, id: string): void {
  known.add(id);
  const [oldest] = known;
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
}
