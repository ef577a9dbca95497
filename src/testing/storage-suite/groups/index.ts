import type { SuiteCase } from "../under-test";
import { basics } from "./basics";
import { clock } from "./clock";
import { events } from "./events";
import { guards } from "./guards";
import { outcomes } from "./outcomes";
import { paging } from "./paging";
import { races } from "./races";
import { reopen } from "./reopen";
import { rollback } from "./rollback";
import { timetable } from "./timetable";
import { twoStores } from "./two-stores";
import { wideIntegers } from "./wide-integers";

/** The groups of the suite, in the order in which they run. */
export const storageSuiteGroups = [
  "basics",
  "guards",
  "outcomes",
  "races",
  "rollback",
  "reopen",
  "two stores",
  "paging",
  "clock",
  "64-bit",
  "events",
  "timetable",
] as const;
export type StorageSuiteGroup = (typeof storageSuiteGroups)[number];

/** The cases of each group. */
export const suiteCases: Readonly<Record<StorageSuiteGroup, readonly SuiteCase[]>> = {
  basics,
  guards,
  outcomes,
  races,
  rollback,
  reopen,
  "two stores": twoStores,
  paging,
  clock,
  "64-bit": wideIntegers,
  events,
  timetable,
};
