import { isPaymeError } from "../../kit/errors";
import { examine } from "../../operate/doctor/doctor";
import { type Finding, type FindingStatus, GROUPS } from "../../operate/doctor/finding";
import type { Environment } from "../../operate/doctor/subject";
import type { AddCommand } from "./add-command";
import { examples } from "./examples";
import { type CliIo, ExitCode, UsageError } from "./io";
import { openDatabase } from "./open-database";
import { paint } from "./paint";

interface Flags {
  readonly webhook?: string;
  readonly link?: string;
  readonly database?: string | true;
  readonly schema?: string;
  readonly only?: string;
  readonly skip?: string;
  readonly offline?: true;
  readonly strict?: true;
  readonly verbose?: true;
  readonly json?: true;
}

/** What a group needs besides the environment. */
const NEEDS: Readonly<Record<string, string>> = {
  payme: "PAYME_SECRET_KEY",
  endpoint: "its address",
  link: "--link",
  database: "--database",
};

/** `payme-kit doctor`: looks at a shop from outside, and says what is wrong with it. */
export const doctorCommand: AddCommand = (command, io, end) => {
  command
    .option("--webhook <url>", "the address of the guide's webhook; default: PAYME_CALLBACK_URL")
    .option("--link <link>", "a checkout link of the shop")
    .option("--database [url]", "postgres://…, sqlite:<file> or a file; without a value: DATABASE_URL")
    .option("--schema <name>", "the schema of our tables in PostgreSQL (default: payme)")
    .option("--only <names>", `only these groups (${GROUPS.join(", ")}) or checks, separated by commas`)
    .option("--skip <names>", "not these groups or checks")
    .option("--offline", "only what needs neither Payme nor the shop's address")
    .option("--strict", "exit code 1 also where something is uncertain")
    .option("--verbose", "print what is right, too")
    .option("--json", "print one JSON document: {wrong, uncertain, right, findings}")
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit doctor https://shop.example/payme --database sqlite:shop.db",
          "npx payme-kit doctor --env-file .env.production --offline --strict --json",
        ],
        powershell: [
          "$env:PAYME_MERCHANT_KEY = '…'",
          "npx payme-kit doctor https://shop.example/payme --database sqlite:shop.db",
        ],
      }),
    )
    .addHelpText(
      "after",
      "\nThe key of the endpoint is PAYME_MERCHANT_KEY. What the environment has wins over .env.\n\n" +
        "Exit code 0: nothing is wrong. 1: something is wrong. 2: could not run.",
    )
    .action(async (url: string | undefined, flags: Flags) => end(await run(url, flags, io)));
};

async function run(url: string | undefined, flags: Flags, io: CliIo): Promise<ExitCode> {
  const env: Environment = io.env;
  const { webhook: webhookUrl, link, offline } = flags;
  const databaseUrl = flags.database === true ? env.DATABASE_URL || missingUrl() : flags.database;
  const database = databaseUrl === undefined ? undefined : openDatabase(databaseUrl, flags.schema);
  const secrets = [env.DATABASE_URL, databaseUrl].flatMap(passwordsIn);
  const names = { only: namesIn(flags.only), skip: namesIn(flags.skip) };
  try {
    const findings = await examine({ url, env, database, webhookUrl, link, offline, secrets, ...names });
    if (findings.length === 0)
      throw new UsageError("there is nothing to look at: give an address, --link or --database");
    return tell(findings, flags, io);
  } catch (error) {
    throw isPaymeError(error) ? new UsageError(error.message) : error;
  } finally {
    await database?.close();
  }
}

/** Prints the findings, and returns the exit code. */
function tell(findings: readonly Finding[], flags: Flags, io: CliIo): ExitCode {
  const count = (wanted: FindingStatus) => findings.filter(({ status }) => status === wanted).length;
  const counts = { wrong: count("wrong"), uncertain: count("uncertain"), right: count("right") };
  const shown = findings.filter(({ status }) => flags.verbose === true || status !== "right");
  if (flags.json === true) io.out(JSON.stringify({ ...counts, findings: shown }, null, 2));
  else
    for (const line of [...shown.map((finding) => painted(io, finding)), summary(counts, findings, flags)])
      io.out(line);
  return counts.wrong > 0 || (flags.strict === true && counts.uncertain > 0) ? ExitCode.FOUND : ExitCode.OK;
}

function summary(
  { wrong, uncertain, right }: Record<FindingStatus, number>,
  findings: readonly Finding[],
  flags: Flags,
) {
  const isRight = wrong + uncertain === 0;
  const sum = isRight
    ? `Nothing is wrong: ${right} checks are right.`
    : `${wrong} wrong, ${uncertain} uncertain, ${right} right.`;
  const left = Object.entries(NEEDS).filter(([group]) => !findings.some((finding) => finding.group === group));
  if (left.length === 0 || flags.only !== undefined || flags.skip !== undefined || flags.offline === true) return sum;
  return `${sum} Not looked at: ${left.map(([group, what]) => `${group} (needs ${what})`).join(", ")}.`;
}

const COLOURS = { wrong: "red", uncertain: "yellow", right: "green" } as const;

function painted(io: CliIo, finding: Finding): string {
  return textOf(finding).replace(/^\w+/, (status) => paint(io, "out", COLOURS[finding.status], status));
}

function textOf({ check, status, saw, why, fix }: Finding): string {
  const lines = [`${status.toUpperCase()} ${check}`, `  saw  ${saw}`, `  why  ${why}`, `  do   ${fix}`];
  return lines.slice(0, status === "right" ? 2 : 4).join("\n");
}

function missingUrl(): never {
  throw new UsageError("--database: DATABASE_URL is not set");
}

const namesIn = (list: string | undefined) => list?.split(",").map((name) => name.trim());

/** The password of a database's URL, as it stands and as it is meant. */
function passwordsIn(url: string | undefined): string[] {
  const password = url !== undefined && URL.canParse(url) ? new URL(url).password : "";
  // Not decodeURIComponent: it throws at a lone %.
  const meant = new URLSearchParams(`password=${password.replaceAll("+", "%2B")}`).get("password") ?? "";
  return [password, meant].filter(Boolean);
}
