import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { memorySubscriptionStore } from "../../src/subscriptions/memory-subscription-store";
import { liveSchedule } from "./life";

const storage = memoryStorage();
const b = { storage, store: memorySubscriptionStore(storage) };
const books = { processes: [b, b] as const, close: () => storage.close() };
const w = await liveSchedule(
  books,
  "x",
  { every: { months: 1 }, isMonthEnd: true, trialDays: 0, catchUp: "current", card: "good", steps: [] },
  { planted: "a boundary from the one before" },
);
const subs = await b.store.listSubscriptions({ cashbox: "x", mode: "test" }, { owner: "u1", limit: 10 });
for (const s of subs)
  for (const p of await b.store.listPeriods(s.id, 5))
    console.log(s.state, p.number, new Date(p.start).toISOString(), new Date(p.end).toISOString());
console.log(w);
process.exit(0);
