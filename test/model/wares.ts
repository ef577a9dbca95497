import { som, type Tiyin } from "../../src/kit/money";
import type { Stock } from "./goods";
import type { Life } from "./random-life";

/** A thing that the shop sells. */
export interface Ware {
  readonly kind: "order" | "tariff";
  readonly reference: string;
  readonly amount: Tiyin;
  readonly hold: boolean;
}

export const FIRST: Ware = { kind: "order", reference: "order:1", amount: som(50_000), hold: false };
/** Two orders that are there once, and a tariff that anybody can buy. */
export const WARES: readonly Ware[] = [
  FIRST,
  { kind: "order", reference: "order:2", amount: som(60_000), hold: true },
  { kind: "tariff", reference: "tariff:1", amount: som(70_000), hold: false },
];

/** What only `charge` is ever called for: nobody pays its receipts at a page, and no link is made for it. */
export const CHARGED: readonly Ware[] = [
  { kind: "order", reference: "rent:1", amount: som(80_000), hold: false },
  { kind: "order", reference: "room:1", amount: som(90_000), hold: true },
];

/** True for money of what is only charged. */
export function isCharged(amount: number): boolean {
  return CHARGED.some((ware) => ware.amount === amount);
}

/** Something that was paid for, as a hook gets it. */
export interface Bought {
  readonly paymeId: string | null;
  readonly reference: string | null;
  /** Only one can have it. */
  readonly isUnique: boolean;
}

/** What the hooks of a world do, whichever process calls them. */
export interface Hooks<Tx> {
  give(tx: Tx, bought: Bought): Promise<boolean>;
  takeBack(tx: Tx, bought: Bought): Promise<boolean>;
}

/** Hooks that answer false where the thing is not the shop's to change, and throw where the life says so, after they have written. */
export function createHooks<Tx>(
  { stock, name, broken }: { readonly stock: Stock<Tx>; readonly name: string; readonly broken: Life["broken"] },
  throws: () => boolean,
  tally: (what: string) => void,
): Hooks<Tx> {
  const wares = [...WARES, ...CHARGED];
  const end = (hook: "onPaid" | "onRefunded", { reference }: Bought, answer: boolean) => {
    const isBroken = broken?.hook === hook && wares[broken.which]?.reference === reference;
    tally(`${hook}: ${isBroken || throws() ? "throws" : answer}`);
    if (isBroken || throws()) throw new Error("the hook throws");
    return answer;
  };
  return {
    async give(tx, bought) {
      const { paymeId, reference, isUnique } = bought;
      const isOurs = !isUnique || (await stock.sell(tx, `${name}/${reference}`, `${paymeId}`));
      if (isOurs) await stock.count(tx, name, { paymeId: `${paymeId}`, given: 1, takenBack: 0 });
      return end("onPaid", bought, isOurs);
    },
    async takeBack(tx, bought) {
      const { paymeId, reference, isUnique } = bought;
      const isOurs = !isUnique || (await stock.takeBack(tx, `${name}/${reference}`, `${paymeId}`));
      if (isOurs) await stock.count(tx, name, { paymeId: `${paymeId}`, given: 0, takenBack: 1 });
      return end("onRefunded", bought, isOurs);
    },
  };
}
