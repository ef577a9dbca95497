import { systemClock } from "../../kit/clock";
import { isLoopback } from "../../kit/loopback";
import { isSecretName } from "../../protocol/secrets";
import type { RecordedCall } from "../recorder/describe-call";
import { type Recorder, type RecorderOptions, startRecorder } from "../recorder/recorder";
import { createRecordingFile, type RecordingFile } from "../recorder/recording-file";
import type { AddCommand } from "./add-command";
import { codeOf } from "./code-of";
import { examples } from "./examples";
import { type CliIo, ExitCode, UsageError } from "./io";
import { complain } from "./paint";

interface Flags {
  readonly to: string;
  readonly port: string;
  readonly host: string;
  readonly out: string;
  readonly timeout: string;
  readonly json?: true;
}

/** `payme-kit record`: a proxy that writes down the calls between Payme and a shop, without their secrets. */
export const recordCommand: AddCommand = (command, io, end) => {
  command
    .requiredOption(
      "--to <url>",
      "the target of the calls: http://localhost:3000/payme, https://checkout.test.paycom.uz",
    )
    .option("--port <port>", "the port to listen on; 0: a free one", "4100")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--out <folder>", "the folder of the recording", "payme-recordings")
    .option("--timeout <seconds>", "how long the target may take", "70")
    .option("--json", "print one JSON document when it listens: {url, target, file}")
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit record --to http://localhost:3000/payme",
          "npx payme-kit record --to https://checkout.test.paycom.uz --out recordings --json",
        ],
        powershell: ["npx payme-kit record --to http://localhost:3000/payme"],
      }),
    )
    .addHelpText(
      "after",
      "\nKeys, signatures, card numbers, tokens, SMS codes and phones are left out or masked. A person should still read the\n" +
        "file before it is shared. Ctrl-C ends it.\n\nExit code 0: recorded. 2: could not run, or not all could be written.",
    )
    .action(async (flags: Flags) => end(await run(flags, io)));
};

async function run(flags: Flags, io: CliIo): Promise<ExitCode> {
  const target = targetOf(flags.to);
  const port = wholeNumber("--port", flags.port, { min: 0, max: 65_535 });
  const timeoutMs = wholeNumber("--timeout", flags.timeout, { min: 1, max: 3_600 }) * 1000;
  let file: RecordingFile | undefined;
  const say = flags.json === true ? io.err : io.out;
  let count = 0;
  let lost = 0;
  const onCall = (call: RecordedCall) => {
    try {
      file?.write(call);
      count += 1;
      say(told(call));
    } catch (error) {
      lost += 1;
      complain(io, `call ${call.n} could not be written (${codeOf(error)}); it was passed on`);
    }
  };
  const recorder = await started({
    target,
    port,
    host: flags.host,
    timeoutMs,
    secrets: secretsOf(io.env),
    now: systemClock,
    onCall,
  });
  try {
    file = created(flags.out, target);
    introduce({ recorder, target, file, host: flags.host, isJson: flags.json === true }, io);
    await interrupted(io);
  } finally {
    await recorder.close();
    file?.close();
  }
  say(
    `\n${count} calls are in ${file.path}${lost > 0 ? `, ${lost} could not be written` : ""}. Read it before you share it.`,
  );
  return lost > 0 ? ExitCode.UNUSABLE : ExitCode.OK;
}

interface Session {
  readonly recorder: Recorder;
  readonly target: URL;
  readonly file: RecordingFile;
  readonly host: string;
  readonly isJson: boolean;
}

function introduce({ recorder, target, file, host, isJson }: Session, io: CliIo): void {
  if (!isLoopback(host))
    complain(io, `warning: everyone who reaches ${recorder.url} can call ${target.host} through it`);
  if (isJson) {
    io.out(JSON.stringify({ url: recorder.url, target: target.href, file: file.path }, null, 2));
    return;
  }
  io.out(`Recording ${recorder.url} -> ${target.href}`);
  io.out(`into ${file.path}, which only you can read. Ctrl-C ends it.`);
  io.out("Keys, signatures, card numbers, tokens, SMS codes and phones are left out or masked.");
  io.out("");
}

/** The secrets of this environment: a signature does not show the key that made it. */
function secretsOf(env: CliIo["env"]): string[] {
  const isSecret = (name: string) => name.startsWith("PAYME_") && (isSecretName(name) || name.endsWith("KEY"));
  return Object.entries(env).flatMap(([name, value]) => (isSecret(name) ? (value ?? []) : []));
}

function interrupted(io: CliIo): Promise<void> {
  return new Promise((resolve) => {
    io.onInterrupt(resolve);
  });
}

/** Returns the line of a call, without its content. */
function told({ n, direction, request, response, outcome, problem, ms }: RecordedCall): string {
  const way = { to_payme: "-> Payme", to_shop: "-> shop", unknown: "->" }[direction];
  const ending = outcome === "answered" ? `HTTP ${response?.status}` : outcome.replace("_", " ");
  const code = problem === null ? "" : ` (${problem})`;
  return `${n}  ${request.method ?? request.httpMethod} ${way}  ${ending}${code}  ${ms} ms`;
}

async function started(options: RecorderOptions): Promise<Recorder> {
  return startRecorder(options).catch((error: unknown) => {
    throw new UsageError(`--port ${options.port}: cannot listen there (${codeOf(error)})`);
  });
}

function created(folder: string, target: URL): RecordingFile {
  try {
    return createRecordingFile({ folder, target, now: systemClock() });
  } catch (error) {
    throw new UsageError(`--out ${folder}: cannot be written (${codeOf(error)})`);
  }
}

function targetOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) {
    throw new UsageError(`--to ${text}: is not an http(s) address`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new UsageError("--to: must hold no user, password, ? or #");
  }
  return url;
}

function wholeNumber(flag: string, text: string, { min, max }: { min: number; max: number }): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new UsageError(`${flag} ${text}: must be a whole number from ${min} to ${max}`);
}
