import type { Command } from "commander";
import { canonicalBody, isSignature, type SignedReading, signedReading, signPayload } from "../../gateway/signature";
import { asUsage } from "./as-usage";
import { curlCommand } from "./curl";
import { type CliIo, ExitCode, UsageError } from "./io";
import { secretOf } from "./secret-of";
import { textOf } from "./text-of";

interface Flags {
  readonly file?: string;
  readonly canonical?: true;
  readonly verify?: string;
  readonly xAuth?: true;
  readonly curl?: string;
  readonly keyStdin?: true;
}

const SECRET = "PAYME_SECRET_KEY";

/** `payme-kit sign`: the Wedy guide's signature of a body, and why one does not match. */
export function signCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("sign [json]")
    .description("sign a body as the Wedy guide does (HMAC-SHA256 of its canonical JSON), or check a signature")
    .option("--file <path>", "the body is in a file; - is standard input, as where no body is given")
    .option("--canonical", "print the text that is signed, not the signature; needs no key")
    .option("--verify <signature>", "is this the body's signature? Says which reading of the body was signed")
    .option("--x-auth", "print it as the value of X-Auth: PAYME_MERCHANT_ID, a colon, the signature")
    .option("--curl <url>", "print the curl that sends the body there as a signed notification")
    .option("--key-stdin", `read the secret from standard input, not from ${SECRET}`)
    .addHelpText("after", "\nExit code 0: signed, or it matches. 1: it does not match. 2: could not run.")
    .action(async (json: string | undefined, flags: Flags) => end(await run(json, flags, io)));
}

async function run(argument: string | undefined, flags: Flags, io: CliIo): Promise<ExitCode> {
  refuseContradictions(flags);
  const { keyStdin } = flags;
  const file = flags.file ?? (argument === undefined ? "-" : undefined);
  const body = (await textOf({ argument, file, keyStdin }, io)) ?? "";
  if (body.trim() === "") throw new UsageError("the body is empty");
  if (flags.canonical === true) {
    io.out(asUsage(() => canonicalBody(body)));
    return ExitCode.OK;
  }
  if (flags.curl !== undefined) {
    io.out(notification(flags.curl, body));
    return ExitCode.OK;
  }
  const secret = await secretOf({ variable: SECRET, keyStdin }, io);
  if (flags.verify !== undefined) return verify(body, flags.verify.trim(), secret, io);
  const signature = asUsage(() => signPayload(body, secret));
  io.out(flags.xAuth === true ? `${merchantId(io)}:${signature}` : signature);
  return ExitCode.OK;
}

function refuseContradictions({ canonical, verify, xAuth, curl }: Flags): void {
  const wanted = [canonical, verify, xAuth, curl].filter((flag) => flag !== undefined);
  if (wanted.length > 1) throw new UsageError("give one of --canonical, --verify, --x-auth, --curl");
}

function merchantId({ env }: CliIo): string {
  const id = env.PAYME_MERCHANT_ID ?? "";
  if (id === "") throw new UsageError("--x-auth: set PAYME_MERCHANT_ID, the id of the cashbox");
  return id;
}

/**
 * The signature is made when the command runs: the guide's has no time in it, so a printed one would let whoever reads it
 * send this notification for ever.
 */
function notification(url: string, body: string): string {
  if (!/^https?:\/\/\S+$/i.test(url) || !URL.canParse(url))
    throw new UsageError(`--curl ${url}: is no http(s) address`);
  return curlCommand({
    url,
    headers: [
      ["Content-Type", "application/json"],
      ["X-Auth-Signature", '$(npx payme-kit sign "$BODY")'],
    ],
    body: asUsage(() => canonicalBody(body)),
    namesBody: true,
  });
}

const READINGS: Readonly<Record<SignedReading, string>> = {
  raw: "raw: the bytes of the body as they stand were signed",
  canonical: "canonical: its compact JSON was signed, members as they stand",
  sorted: "sorted: its compact JSON with sorted keys was signed",
};

function verify(body: string, signature: string, secret: string, io: CliIo): ExitCode {
  const { length } = signature;
  if (!isSignature(signature)) {
    throw new UsageError(`--verify: a signature is 64 hexadecimal digits, and this has ${length} characters`);
  }
  const reading = signedReading([secret], body, signature);
  if (reading !== undefined) {
    io.out(`It matches. ${READINGS[reading]}.`);
    return ExitCode.OK;
  }
  // An editor and echo end a file with a line end that was not sent.
  const sent = body.replace(/\r?\n$/, "");
  if (sent !== body && signedReading([secret], sent, signature) !== undefined) {
    io.out(`It matches. ${READINGS.raw}, without the line end at its end.`);
    return ExitCode.OK;
  }
  io.out("It does not match: neither raw, nor canonical, nor sorted.");
  for (const cause of causes(sent, signature, secret)) io.out(`- ${cause}`);
  return ExitCode.FOUND;
}

/** What we can see to be the cause; else the usual ones, commonest first. */
function causes(body: string, signature: string, secret: string): string[] {
  const trimmed = secret.trim();
  if (trimmed !== secret && trimmed !== "" && signedReading([trimmed], body, signature) !== undefined) {
    return [`${SECRET} has white space around it: without, it matches.`];
  }
  return [
    ...(isJson(body) ? [] : ["The body is no JSON, so only its exact bytes could match: a log or a terminal cut it."]),
    `Another secret: compare ${SECRET} with the gateway's. An unquoted # in a .env file ends the value there.`,
    "Another body: it was parsed and printed again on the way, which loses 1.0, long numbers, repeated keys and the order. " +
      "Take the bytes as received, before a body parser (express.raw, request.rawBody).",
    "Another text altogether: what is signed is the body alone, in UTF-8, without a URL, a time or the merchant id.",
  ];
}

function isJson(body: string): boolean {
  try {
    canonicalBody(body);
    return true;
  } catch {
    return false;
  }
}
