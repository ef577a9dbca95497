import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { isLoopback } from "../loopback";
import type { ReplayDifference } from "../recording/compare-answers";
import { compareWithMock } from "../recording/compare-with-mock";
import { openQuestions } from "../recording/open-questions";
import { parseRecording } from "../recording/parse-recording";
import type { Recording } from "../recording/recording";
import { type MerchantReplay, replayToMerchant } from "../recording/replay-to-merchant";
import { asUsage } from "./as-usage";
import { type CliIo, ExitCode, UsageError } from "./io";
import { secretOf } from "./secret-of";

interface Flags {
  readonly to?: string;
  readonly account: readonly string[];
  readonly json?: true;
  readonly keyStdin?: true;
  readonly yes?: true;
}

/** `payme-kit replay`: a recording against the mock, or against a Merchant API endpoint. */
export function replayCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("replay <recording>")
    .description("make the calls of a recording again: to the mock, or to a Merchant API endpoint, and compare")
    .option("--to <url>", "a Merchant API endpoint, which gets Payme's recorded calls; the key is PAYME_KEY")
    .option("--account <recorded=given>", "another value for an account's; again for more", collect, [])
    .option("--key-stdin", "read the key from standard input, not from PAYME_KEY")
    .option("--json", "print one JSON document")
    .option("--yes", "yes, call this address, though it is not on this machine")
    .addHelpText(
      "after",
      "\nWithout --to a client's calls are made again to the mock, and what the recording says about the questions that\n" +
        "Payme's documentation leaves open is listed.\n\nExit code 0: answered as recorded (but for words). 1: otherwise. 2: could not run.",
    )
    .action(async (path: string, flags: Flags) => end(await run(path, flags, io)));
}

async function run(path: string, flags: Flags, io: CliIo): Promise<ExitCode> {
  const recording = await read(path);
  if (recording.isCutOff) io.err("warning: the last line is incomplete; what stands before it is used");
  const result =
    flags.to === undefined ? await withMock(recording) : await withMerchant(recording, flags.to, flags, io);
  const found = result.differences.filter(({ kind }) => kind !== "text");
  if (flags.json === true) io.out(JSON.stringify(result, null, 2));
  else for (const line of told(result, found)) io.out(line);
  if (result.compared === 0) throw new UsageError(nothingToDo(flags));
  return found.length > 0 ? ExitCode.FOUND : ExitCode.OK;
}

function nothingToDo({ to }: Flags): string {
  return to === undefined
    ? "the recording has no call to Payme that could be made again; for Payme's calls to a shop give --to"
    : "the recording has no call of Payme's that could be made again";
}

async function read(path: string): Promise<Recording> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: cannot be read (${error.code ?? error.message})`);
  });
  return asUsage(() => parseRecording(text));
}

interface Result extends MerchantReplay {
  readonly assumed?: readonly { readonly n: number; readonly what: string }[];
  readonly questions?: ReturnType<typeof openQuestions>;
}

async function withMock(recording: Recording): Promise<Result> {
  return { ...(await compareWithMock(recording)), questions: openQuestions(recording) };
}

async function withMerchant(recording: Recording, to: string, flags: Flags, io: CliIo): Promise<Result> {
  if (!/^https?:\/\//i.test(to) || !URL.canParse(to)) throw new UsageError(`--to ${to}: is no http(s) address`);
  const { hostname, host } = new URL(to);
  if (flags.yes !== true && !isLoopback(hostname)) {
    throw new UsageError(`${host} is not this machine; say --yes if these calls may go there`);
  }
  const values = new Map(flags.account.map(pairOf));
  const key = await secretOf({ variable: "PAYME_KEY", keyStdin: flags.keyStdin }, io);
  return replayToMerchant(recording, {
    endpoint: to,
    key,
    account: (recorded) =>
      Object.fromEntries(Object.entries(recorded).map(([name, value]) => [name, values.get(String(value)) ?? value])),
  });
}

function told(
  { compared, differences, skipped, assumed = [], questions = [] }: Result,
  found: readonly ReplayDifference[],
) {
  const words = differences.filter(({ kind }) => kind === "text");
  const answered = questions.filter(({ evidence }) => evidence.length > 0);
  return [
    ...skipped.map(({ n, method, why }) => `skip ${n} ${method}: ${why}`),
    ...assumed.map(({ n, what }) => `note ${n} ${what}`),
    ...words.map((each) => `words ${lineOf(each)}`),
    ...found.map((each) => `DIFF ${each.kind} ${lineOf(each)}`),
    ...answered.flatMap(({ question, evidence }) => ["", question, ...evidence.map((line) => `  ${line}`)]),
    "",
    `${compared} calls were made again: ${found.length} differences, ${words.length} in words only, ${skipped.length} skipped.`,
  ];
}

function lineOf({ n, method, path, recorded, given }: ReplayDifference): string {
  return `${n} ${method} ${path}: recorded ${short(recorded)}, given ${short(given)}`;
}

const SHOWN_CHARACTERS = 160;

function short(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function pairOf(text: string): [string, string] {
  const [, recorded, given] = /^([^=]+)=(.+)$/su.exec(text) ?? [];
  if (recorded === undefined || given === undefined) throw new UsageError(`--account ${text}: write recorded=given`);
  return [recorded, given];
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
