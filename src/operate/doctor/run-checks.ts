import type { Sleep } from "../../kit/clock";
import { PaymeConfigError } from "../../kit/errors";
import { waitFor } from "../../kit/wait-for";
import { createKnownSecrets, hideByForm, hideNamedSecrets } from "../../protocol/secrets";
import { booksChecks } from "./books-checks";
import { clockChecks } from "./clock-checks";
import { databaseChecks } from "./database-checks";
import { endpointChecks } from "./endpoint-checks";
import { envChecks } from "./env-checks";
import { type Check, type Finding, GROUPS, type Seen, uncertain } from "./finding";
import { linkChecks } from "./link-checks";
import { paymeChecks } from "./payme-checks";
import { processChecks } from "./process-checks";
import type { Subject } from "./subject";

/** All checks, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  ...[...envChecks, ...paymeChecks, ...clockChecks, ...endpointChecks],
  ...[...linkChecks, ...databaseChecks, ...booksChecks, ...processChecks],
];

/** Which checks run. */
export interface CheckSelection {
  /** Only these groups and checks, and the checks that come before them. */
  only?: readonly string[] | undefined;
  /** Not these groups and checks. */
  skip?: readonly string[] | undefined;
  /** Nothing that needs Payme or the shop's own address. */
  offline?: boolean | undefined;
}

/** How the checks run. */
export interface CheckRun extends CheckSelection {
  readonly timeoutMs: number;
  readonly sleep: Sleep;
  /** What no finding may show. */
  readonly secrets: readonly string[];
}

/** Undefined: there was nothing to look at. `left out`: an earlier check found something. */
type Result = Finding | "left out" | undefined;

/** Runs the checks side by side, each for `timeoutMs` at most. */
export async function runChecks(subject: Subject, run: CheckRun): Promise<Finding[]> {
  const selected = selectedChecks(run);
  const clean = cleaner(run.secrets);
  const begun = new Map<Check, Promise<Result>>();

  function begin(check: Check): Promise<Result> {
    const result = begun.get(check) ?? find(check);
    begun.set(check, result);
    return result;
  }

  async function find(check: Check): Promise<Result> {
    const before = await Promise.all(selected.filter(({ id }) => check.after?.includes(id)).map(begin));
    if (before.some((result) => result !== undefined && (result === "left out" || result.status !== "right")))
      return "left out";
    const seen = await look(check, subject, run);
    if (seen === undefined) return undefined;
    const { id, why } = check;
    const fix = seen.status === "right" ? null : clean(seen.fix ?? check.fix);
    return { check: id, group: groupOf(check), status: seen.status, saw: clean(seen.saw), why, fix };
  }

  return (await Promise.all(selected.map(begin))).filter((result) => typeof result === "object");
}

async function look(check: Check, subject: Subject, { timeoutMs, sleep }: CheckRun): Promise<Seen | undefined> {
  const ending = new AbortController();
  try {
    const seen = (async () => ({ found: await check.look(subject, ending.signal) }))();
    const ended = await waitFor(seen, timeoutMs, sleep);
    return ended === undefined ? uncertain(`no answer within ${timeoutMs} ms`) : ended.found;
  } catch (error) {
    return uncertain(`the check failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    ending.abort();
  }
}

const groupOf = ({ id }: Check): string => id.replace(/\..*/, "");
const isOnline = ({ id }: Check): boolean => /^(payme|endpoint|clock\.payme)\b/.test(id);

/** @throws PaymeConfigError for a name that is no group and no check. */
function selectedChecks({ only, skip = [], offline = false }: CheckSelection): readonly Check[] {
  const names: readonly string[] = [...GROUPS, ...CHECKS.map(({ id }) => id)];
  const unknown = [...(only ?? []), ...skip].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new PaymeConfigError(`doctor: there is no check ${JSON.stringify(unknown)}`);
  const isIn = (list: readonly string[], check: Check) => list.includes(check.id) || list.includes(groupOf(check));
  const wanted = new Set<Check>();
  function want(check: Check): void {
    wanted.add(check);
    CHECKS.filter(({ id }) => check.after?.includes(id)).forEach(want);
  }
  CHECKS.filter((check) => only === undefined || isIn(only, check)).forEach(want);
  return CHECKS.filter((check) => wanted.has(check) && !isIn(skip, check) && !(offline && isOnline(check)));
}

/** A shorter text is not a secret, and hiding it would make texts unreadable. */
const SHORTEST_SECRET = 4;

function cleaner(secrets: readonly string[]): (text: string) => string {
  const known = createKnownSecrets();
  for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) known.learn(secret);
  return (text) => hideByForm(hideNamedSecrets(known.hide(text))).replace(/\p{Cc}+/gu, " ");
}
