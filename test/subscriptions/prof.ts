import * as fc from "fast-check";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { memorySubscriptionStore } from "../../src/subscriptions/memory-subscription-store";

function memoryBooks() {
  const storage = memoryStorage();
  const b = { storage, store: memorySubscriptionStore(storage) };
  return { processes: [b, b] as const, close: () => storage.close() };
}

import { liveSchedule } from "./life";
import { PLANTED } from "./planted-faults";
import { anySchedule, scheduleText } from "./random-schedule";

const planted = Object.keys(PLANTED)[Number(process.argv[5] ?? -1)] as never;
const n = Number(process.argv[2] ?? 20);
const samples = fc.sample(anySchedule, { numRuns: n, seed: Number(process.argv[3] ?? 7) });
let i = 0;
for (const s of samples) {
  i += 1;
  const t = performance.now();
  const w = await liveSchedule(memoryBooks(), `l${i}`, s, { planted });
  if (process.argv[4]) console.log(i, s.steps.length, JSON.stringify(s.every), Math.round(performance.now() - t));
  if (w.length) {
    console.log(w[0]);
    if (planted) process.exit(0);
    console.log(scheduleText(s));
    console.log(w);
  }
}
