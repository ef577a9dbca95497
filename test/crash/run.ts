import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findPostgres } from "../postgres/binaries";
import { type Cluster, NO_POSTGRES, startCluster, withClient } from "../postgres/cluster";
import { type CrashOptions, crashRounds } from "./crash-rounds";
import { type StandbyOptions, standbyRounds } from "./standby-rounds";

/**
 * `kill -9` at random moments while Payme calls, of one of four servers, then of PostgreSQL itself, then of a primary whose
 * standby is promoted; after each of them what was not answered comes again. In the end no payment is paid without its grant, and
 * none has two. The same rounds must catch a server with a mistake, and a standby that no commit waits for.
 */
const PARTS = ["sqlite", "servers", "database", "weak", "standby"] as const;
type Part = (typeof PARTS)[number];
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "40" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    /**
     * One of the parts, or `postgres` for all but the first; all without it. `database` and `weak` have half as many rounds,
     * `standby` a twentieth; alone it has all.
     */
    only: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const isAsked = (part: Part) =>
  values.only === undefined || values.only === part || (values.only === "postgres" && part !== "sqlite");
/** The canary is caught long before; its rounds prove the test, not the code. */
const canaryRounds = Math.min(rounds, 40);
console.log(
  `crash rounds: ${rounds} with kill -9, seed ${seed} (power loss is not tested: a killed process leaves the disk's cache alone)`,
);

let checks = 0;
const failures: string[] = [];
function check(isRight: boolean, failure: string): void {
  checks += 1;
  if (!isRight) failures.push(failure);
}

if (!["postgres", undefined, ...PARTS].includes(values.only)) throw new Error(`no part ${values.only}`);
if (isAsked("sqlite")) await onSqlite();
if (values.only === "sqlite") console.log("PostgreSQL left out: --only sqlite");
else if (findPostgres() !== undefined) await onPostgres();
else if (process.env.REQUIRE_POSTGRES === "1") check(false, NO_POSTGRES);
else console.log(`skipped on PostgreSQL: ${NO_POSTGRES}`);

for (const failure of failures) console.log(`FAILED: ${failure}`);
const failed = failures.length;
console.log(`${checks - failed} passed, ${failed} failed`);
if (process.env.TEST_REPORTS !== undefined) {
  const counts = { numPassedTests: checks - failed, numFailedTests: failed };
  writeFileSync(join(process.env.TEST_REPORTS, "crash.json"), JSON.stringify(counts));
}
process.exitCode = failed === 0 ? 0 : 1;

async function onSqlite(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-crash-"));
  try {
    const newAddress = async (name: string) => join(directory, `${name}.db`);
    await run("SQLite, one of four servers killed", newAddress, { rounds });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function onPostgres(): Promise<void> {
  if (isAsked("standby")) await onStandby();
  if (values.only === "standby") return;
  const cluster = await startCluster({ fsync: true });
  try {
    const { rows } = await withClient(cluster.url, (client) => client.query("SHOW fsync"));
    check(rows[0]?.fsync === "on", "fsync is not on: these rounds prove nothing");
    const newAddress = () => cluster.createDatabase();
    if (isAsked("servers")) await run("PostgreSQL, one of four servers killed", newAddress, { rounds });
    const half = Math.ceil(rounds / 2);
    if (isAsked("database")) await run("PostgreSQL, the database killed", newAddress, { rounds: half, cluster });
    if (isAsked("weak")) await runWeak(cluster);
  } finally {
    await cluster.stop();
  }
}

/** The same where a commit of the role is acknowledged before it is on disk; and with a server that leaves it so, which must be caught. */
async function runWeak(cluster: Cluster): Promise<void> {
  await withClient(cluster.url, async (client) => {
    await client.query("CREATE ROLE weak LOGIN SUPERUSER");
    await client.query("ALTER ROLE weak SET synchronous_commit = off");
  });
  const newAddress = async () => (await cluster.createDatabase()).replace("postgres@", "weak@");
  const options = { rounds: Math.ceil(rounds / 2), cluster };
  await run("PostgreSQL with synchronous_commit = off, the database killed", newAddress, options);
  const weak = await crashRounds({ ...options, address: await newAddress(), seed, mistake: "weak-commit" });
  console.log(`the same, not raised: ${weak.lost} of ${weak.payments} acknowledged payments were lost`);
  check(weak.lost > 0, "a server that left synchronous_commit off lost nothing: these rounds prove nothing");
}

/** A synchronous standby loses nothing that was acknowledged; one that no commit waits for does, and so does a server that waits for none. */
async function onStandby(): Promise<void> {
  const promotions = values.only === "standby" ? rounds : Math.ceil(rounds / 20);
  const title = "PostgreSQL, the primary killed and its synchronous standby promoted";
  const real = await standbyRounds({ rounds: promotions, seed });
  console.log(
    `${title}: ${real.promotions} promotions, ${real.payments} payments, ${real.interrupted} calls interrupted; of ${real.acknowledged} Performs ` +
      `acknowledged by then ${real.lost} lost, ${real.lostCreates} Creates lost; in the end ${real.wrong} wrong, ${real.disagreements} differences from Payme's books`,
  );
  check(real.lost + real.lostCreates === 0, `${title}: what was acknowledged is lost`);
  check(real.wrong + real.disagreements === 0, `${title}: the books are wrong in the end`);
  check(real.interrupted >= real.promotions, `${title}: the kills interrupted no calls`);
  const mistakes: [NonNullable<StandbyOptions["mistake"]>, string][] = [
    ["asynchronous", "a standby that no commit waits for"],
    ["weak-commit", "a server that leaves synchronous_commit = local"],
  ];
  for (const [mistake, name] of mistakes) {
    const canary = await standbyRounds({ rounds: 1, seed, mistake });
    console.log(`${name} (the canary): ${canary.lost} of ${canary.acknowledged} acknowledged Performs were lost`);
    check(canary.lost > 0, `${name} lost nothing: these rounds prove nothing`);
  }
}

/** Rounds that must find nothing, and the same with a server that makes two commits, which must be caught. */
async function run(
  title: string,
  newAddress: (name: string) => Promise<string>,
  options: Pick<CrashOptions, "rounds" | "cluster">,
): Promise<void> {
  const real = await crashRounds({ ...options, address: await newAddress("real"), seed });
  console.log(
    `${title}, one commit: ${real.payments} payments, ${real.kills} kills, ${real.killsInside} of them between a first statement and its answer; ` +
      `${real.paidWithoutGrant} paid without a grant, ${real.grantsWithoutPayment} grants too many, ${real.lost + real.unpaid} acknowledged and not paid, ${real.wrongEnds} users with a wrong end`,
  );
  const wrong = real.paidWithoutGrant + real.grantsWithoutPayment + real.lost + real.unpaid + real.wrongEnds;
  check(wrong === 0, `${title}: a crash lost or doubled something`);
  check(real.killsInside * 3 >= real.kills, `${title}: fewer than a third of the kills fell inside a call`);
  const canary = await crashRounds({
    ...options,
    address: await newAddress("canary"),
    rounds: canaryRounds,
    seed,
    mistake: "two-commits",
  });
  console.log(
    `${title}, two commits (the canary): ${canary.paidWithoutGrant} of ${canary.payments} paid without a grant`,
  );
  check(canary.paidWithoutGrant > 0, `${title}: the two-commit canary was not caught: these rounds prove nothing`);
}
