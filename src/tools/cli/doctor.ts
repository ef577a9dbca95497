import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import type { Command } from "commander";
import { isPaymeError } from "../../kit/errors";
import { examine } from "../../operate/doctor/doctor";
import { type Finding, type FindingStatus, GROUPS } from "../../operate/doctor/finding";
import type { Environment } from "../../operate/doctor/subject";
import { codeOf } from "./code-of";
import { httpAddress } from "./input";
import { type CliIo, ExitCode, UsageError } from "./io";
import { type OpenedDatabase, openDatabase } from "./open-database";

interface Flags {
  readonly webhook?: string;
  readonly link?: string;
  readonly database?: string | true;
  readonly schema?: string;
  readonly envFile?: string;
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
export function doctorCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("doctor [url]")
    .description(
      "look at settings, Payme, the endpoint and the database of a shop, and say what is wrong; it only reads",
    )
    .option("--webhook <url>", "the address of the guide's webhook; default: PAYME_CALLBACK_URL")
    .option("--link <link>", "a checkout link of the shop")
    .option("--database [url]", "postgres://…, sqlite:<file> or a file; without a value: DATABASE_URL")
    .option("--schema <name>", "the schema of our tables in PostgreSQL (default: payme)")
    .option("--env-file <path>", "the file of settings (default: .env, where there is one)")
    .option("--only <names>", `only these groups (${GROUPS.join(", ")}) or checks, separated by commas`)
    .option("--skip <names>", "not these groups or checks")
    .option("--offline", "only what needs neither Payme nor the shop's address")
    .option("--strict", "exit code 1 also where something is uncertain")
    .option("--verbose", "print what is right, too")
    .option("--json", "print one JSON document: {wrong, uncertain, right, findings}")
    .addHelpText(
      "after",
      "\nExample: payme-kit doctor https://shop.example/payme --database sqlite:shop.db\n\n" +
        "The key of the endpoint is PAYME_MERCHANT_KEY. What the environment has wins over .env.\n\n" +
        "Exit code 0: nothing is wrong. 1: something is wrong. 2: could not run.",
    )
    .action(async (url: string | undefined, flags: Flags) => end(await run(url, flags, io)));
}

async function run(url: string | undefined, flags: Flags, io: CliIo): Promise<ExitCode> {
  const env: Environment = { ...(await fileOf(flags.envFile)), ...io.env };
  if (url !== undefined) httpAddress("doctor", url);
  const database = databaseOf(flags, env);
  try {
    const findings = await examined(flags, { url, env, database });
    if (findings.length === 0)
      throw new UsageError(`there is nothing to look at: give an address, --link or --database`);
    print(findings, flags, io);
    const count = counts(findings);
    return count.wrong > 0 || (flags.strict === true && count.uncertain > 0) ? ExitCode.FOUND : ExitCode.OK;
  } finally {
    await database?.close();
  }
}

interface Given {
  readonly url: string | undefined;
  readonly env: Environment;
  readonly database: OpenedDatabase | undefined;
}

async function examined({ database, webhook, link, only, skip, offline }: Flags, given: Given): Promise<Finding[]> {
  const secrets = [given.env.DATABASE_URL, database].flatMap(passwordsIn);
  const names = { only: namesIn(only), skip: namesIn(skip) };
  try {
    return await examine({ ...given, ...names, webhookUrl: webhook, link, offline, secrets });
  } catch (error) {
    if (isPaymeError(error)) throw new UsageError(error.message);
    throw error;
  }
}

function print(findings: readonly Finding[], { json, verbose, only, skip, offline }: Flags, io: CliIo): void {
  const shown = verbose === true ? findings : findings.filter(({ status }) => status !== "right");
  const count = counts(findings);
  if (json === true) {
    io.out(JSON.stringify({ ...count, findings: shown }, null, 2));
    return;
  }
  for (const finding of shown) io.out(told(finding));
  const isChosen = only !== undefined || skip !== undefined || offline === true;
  const missing = Object.entries(NEEDS).filter(([group]) => !findings.some((finding) => finding.group === group));
  const left = isChosen ? [] : missing.map(([group, what]) => `${group} (needs ${what})`);
  const sum =
    count.wrong + count.uncertain === 0
      ? `Nothing is wrong: ${count.right} checks are right.`
      : `${count.wrong} wrong, ${count.uncertain} uncertain, ${count.right} right.`;
  io.out(left.length === 0 ? sum : `${sum} Not looked at: ${left.join(", ")}.`);
}

function told({ check, status, saw, why, fix }: Finding): string {
  const parts =
    status === "right"
      ? [["saw", saw]]
      : [
          ["saw", saw],
          ["why", why],
          ["do", fix],
        ];
  return [
    `${status.toUpperCase()} ${check}`,
    ...parts.map(([name, text]) => `  ${String(name).padEnd(4)} ${text}`),
  ].join("\n");
}

function counts(findings: readonly Finding[]): Record<FindingStatus, number> {
  const of = (wanted: FindingStatus) => findings.filter(({ status }) => status === wanted).length;
  return { wrong: of("wrong"), uncertain: of("uncertain"), right: of("right") };
}

function databaseOf({ database, schema }: Flags, env: Environment): OpenedDatabase | undefined {
  if (database === undefined) return undefined;
  const url = database === true ? env.DATABASE_URL : database;
  if (url === undefined || url === "") throw new UsageError("--database: DATABASE_URL is not set");
  return openDatabase(url, schema);
}

/** The variables of a file, as Node and dotenv read it. */
async function fileOf(path: string | undefined): Promise<Environment> {
  try {
    return parseEnv(await readFile(path ?? ".env", "utf8"));
  } catch (error) {
    if (path === undefined && codeOf(error) === "ENOENT") return {};
    throw new UsageError(`--env-file ${path ?? ".env"}: cannot read it (${codeOf(error)})`);
  }
}

function namesIn(list: string | undefined): string[] | undefined {
  return list?.split(",").map((name) => name.trim());
}

/** The password of a database's URL, as it stands and as it is meant. */
function passwordsIn(url: string | true | undefined): string[] {
  const password = typeof url === "string" && URL.canParse(url) ? new URL(url).password : "";
  return password === "" ? [] : [password, decodeURIComponent(password)];
}
