import type { Sleep } from "../../kit/clock";
import { PaymeConfigError } from "../../kit/errors";
import { waitFor } from "../../kit/wait-for";
import { createKnownSecrets, hideByForm, hideNamedSecrets } from "../../protocol/secrets";
import { booksChecks } from "./books-checks";
import type { Check } from "./check";
import { clockChecks } from "./clock-checks";
import { databaseChecks } from "./database-checks";
import { endpointChecks } from "./endpoint-checks";
import { envChecks } from "./env-checks";
import { type Finding, GROUPS, type Seen, uncertain } from "./finding";
import { linkChecks } from "./link-checks";
import { paymeChecks } from "./payme-checks";
import { processChecks } from "./process-checks";
import type { Subject } from "./subject";

/** All checks, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  ...envChecks,
  ...paymeChecks,
  ...clockChecks,
  ...endpointChecks,
  ...linkChecks,
  ...databaseChecks,
  ...booksChecks,
  ...processChecks,
];

/** Which checks run. */
export interface CheckSelection {
  /** Only these groups and checks, and those that must come first. */
  readonly only?: readonly string[] | undefined;
  /** Not these groups and checks. */
  readonly skip?: readonly string[] | undefined;
  /** Nothing that needs Payme or the shop's own address. */
  readonly offline?: boolean | undefined;
}

/** How the checks run. */
export interface CheckRun extends CheckSelection {
  readonly timeoutMs: number;
  readonly sleep: Sleep;
  /** What no finding may show. */
  readonly secrets: readonly string[];
}

/** Runs the checks side by side, each for `timeoutMs` at most. Those that had nothing to look at are left out. */
export async function runChecks(subject: Subject, run: CheckRun): Promise<Finding[]> {
  const selected = selectedChecks(run);
  const clean = cleaner(run.secrets);
  const begun = new Map<string, Promise<Result>>();

  function begin(check: Check): Promise<Result> {
    const running = begun.get(check.id) ?? runOne(check);
    begun.set(check.id, running);
    return running;
  }

  async function runOne(check: Check): Promise<Result> {
    const before = await Promise.all(selected.filter(({ id }) => check.after.includes(id)).map(begin));
    if (before.some((result) => result === "left out" || (result !== undefined && result.status !== "right")))
      return "left out";
    const seen = await look(check, subject, run);
    if (seen === undefined) return undefined;
    const { id, group, why } = check;
    const fix = seen.fix === null ? null : clean(seen.fix);
    return { check: id, group, status: seen.status, saw: clean(seen.saw), why, fix };
  }

  const results = await Promise.all(selected.map(begin));
  return results.filter((result) => typeof result === "object");
}

/** Undefined: there was nothing to look at. `left out`: another check told of it. */
type Result = Finding | "left out" | undefined;

async function look(check: Check, subject: Subject, { timeoutMs, sleep }: CheckRun): Promise<Seen | undefined> {
  const ending = new AbortController();
  const again = "Look at it by hand, or run the doctor again.";
  try {
    const seen = check.look(subject, ending.signal).then((found) => ({ found }));
    const ended = await waitFor(seen, timeoutMs, sleep);
    return ended === undefined ? uncertain(`no answer within ${timeoutMs} ms`, again) : ended.found;
  } catch (error) {
    return uncertain(`the check failed: ${error instanceof Error ? error.message : String(error)}`, again);
  } finally {
    ending.abort();
  }
}

/** @throws PaymeConfigError for a name that is no group and no check. */
function selectedChecks({ only, skip = [], offline = false }: CheckSelection): readonly Check[] {
  const names: readonly string[] = [...GROUPS, ...CHECKS.map(({ id }) => id)];
  const unknown = [...(only ?? []), ...skip].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new PaymeConfigError(`doctor: there is no check ${JSON.stringify(unknown)}`);
  const isNamed = (list: readonly string[], { id, group }: Check) => list.includes(id) || list.includes(group);
  const wanted = new Set(CHECKS.filter((check) => only === undefined || isNamed(only, check)));
  for (const check of [...CHECKS].reverse().concat([...CHECKS])) {
    if (!wanted.has(check)) continue;
    for (const first of CHECKS) if (check.after.includes(first.id)) wanted.add(first);
  }
  return CHECKS.filter((check) => wanted.has(check) && !isNamed(skip, check) && !(offline && check.isOnline));
}

/** The shortest text that is a secret: hiding a shorter one would make texts unreadable. */
const SHORTEST_SECRET = 4;

function cleaner(secrets: readonly string[]): (text: string) => string {
  const known = createKnownSecrets();
  for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) known.learn(secret);
  return (text) => hideByForm(hideNamedSecrets(known.hide(text))).replace(/\p{Cc}+/gu, " ");
}
