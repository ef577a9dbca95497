import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import type { NewSubscription } from "../../src/subscriptions/changes";
import type { CardRow, PeriodRow, SubscriptionRow } from "../../src/subscriptions/rows";
import { storeBeside } from "../../src/subscriptions/store-beside";
import type { SubscriptionVerbs } from "../../src/subscriptions/subscription-store";
import type { SubscriptionsOptions } from "../../src/subscriptions/subscriptions";
import { createSubscriptionShop, premium } from "./shop";

/** When the second period of {@link paidOnce} begins, and the third one. */
export const BOUNDARY = Date.UTC(2026, 1, 15, 10, 30);
export const SECOND_BOUNDARY = Date.UTC(2026, 2, 15, 10, 30);

/** A shop in memory with one paid period, whose rows a test may set. `look` makes the subscription due and runs once. */
export async function paidOnce(
  options: Partial<SubscriptionsOptions<MemoryTx>> = {},
  wanted: Partial<NewSubscription> = {},
) {
  const storage = memoryStorage();
  const store = storeBeside(storage);
  const shop = createSubscriptionShop({ storage, subscriptions: { store, ...options } });
  const card = await shop.attach();
  const { subscription } = await shop.subs.create({ ...premium, ...wanted, card: card.id });
  const { id } = subscription;
  const write = (work: (verbs: SubscriptionVerbs) => Promise<unknown>) =>
    storage.transaction(async (tx) => void (await work(store.using(tx))));
  const set = (changes: Partial<SubscriptionRow>) =>
    write(async (verbs) => {
      const row = await verbs.findSubscription(id);
      if (row) await verbs.saveSubscription({ ...row, ...changes });
    });
  return {
    ...shop,
    store,
    id,
    card,
    write,
    set,
    setPeriod: (number: number, changes: Partial<PeriodRow>) =>
      write(async (verbs) => {
        const row = await verbs.findPeriod(id, number);
        if (row) await verbs.savePeriod({ ...row, ...changes });
      }),
    setCard: (changes: Partial<CardRow>, cardId = card.id) =>
      write(async (verbs) => {
        const row = await verbs.findCard(cardId);
        if (row) await verbs.saveCard({ ...row, ...changes });
      }),
    look: async (subs = shop.subs) => {
      await set({ nextAt: shop.now() });
      return subs.run();
    },
    row: () => store.findSubscription(id),
    period: (number: number) => store.findPeriod(id, number),
    last: async () => (await shop.subs.story(id))?.events.at(-1),
    calls: (method: string) => shop.mock.exchanges.filter((each) => each.method === method).length,
  };
}
