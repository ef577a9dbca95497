import type { Command } from "commander";
import { canonicalBody, isSignature, type SignedReading, signedReading, signPayload } from "../../gateway/signature";
import { curlCommand } from "./curl";
import { httpAddress, secretOf, textOf } from "./input";
import { asUsage, type CliIo, ExitCode, UsageError } from "./io";

interface Flags {
  readonly file?: string;
  readonly canonical?: true;
  readonly verify?: string;
  readonly xAuth?: true;
  readonly curl?: string;
  readonly keyStdin?: true;
}

const SECRET = "PAYME_SECRET_KEY";

/** `payme-kit sign`: makes the Wedy guide's signature of a body, or says why one does not match. */
export function signCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("sign [json]")
    .description("sign a body as the Wedy guide does (HMAC-SHA256 of its canonical JSON), or check a signature")
    .option("--file <path>", "read the body from a file; - is standard input, the default")
    .option("--canonical", "print the text to sign instead of the signature; needs no key")
    .option("--verify <signature>", "check this signature, and say which form of the body was signed")
    .option("--x-auth", "print the value of X-Auth: PAYME_MERCHANT_ID, a colon, the signature")
    .option("--curl <url>", "print the curl that sends the body to this address as a signed notification")
    .option("--key-stdin", `read the secret from standard input, not from ${SECRET}`)
    .addHelpText(
      "after",
      "\nExample: payme-kit sign --file body.json --x-auth\n\n" +
        "Exit code 0: signed, or the signature matches. 1: it does not match. 2: could not run.",
    )
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

/** The curl makes the signature when it runs. The guide's signature holds no time: a printed one would be valid for ever. */
function notification(url: string, body: string): string {
  return curlCommand({
    url: httpAddress("--curl", url),
    headers: [
      ["Content-Type", "application/json"],
      ["X-Auth-Signature", '$(npx payme-kit sign "$BODY")'],
    ],
    body: asUsage(() => canonicalBody(body)),
    namesBody: true,
  });
}

const READINGS: Readonly<Record<SignedReading, string>> = {
  raw: "raw: the signed text is the exact bytes of the body",
  canonical: "canonical: the signed text is the compact JSON, with the members in their order",
  sorted: "sorted: the signed text is the compact JSON with sorted keys",
};

function verify(body: string, signature: string, secret: string, io: CliIo): ExitCode {
  if (!isSignature(signature)) throw new UsageError("--verify: a signature is 64 hexadecimal digits");
  const reading = signedReading([secret], body, signature);
  if (reading !== undefined) {
    io.out(`It matches. ${READINGS[reading]}.`);
    return ExitCode.OK;
  }
  // Editors and echo add a line end that was not sent.
  const sent = body.replace(/\r?\n$/, "");
  if (sent !== body && signedReading([secret], sent, signature) !== undefined) {
    io.out(`It matches. ${READINGS.raw}, without the line end.`);
    return ExitCode.OK;
  }
  io.out("It does not match: neither raw, nor canonical, nor sorted.");
  for (const cause of causes(sent, signature, secret)) io.out(`- ${cause}`);
  return ExitCode.FOUND;
}

/** The cause, where it is certain; else the usual causes, the most common first. */
function causes(body: string, signature: string, secret: string): string[] {
  const trimmed = secret.trim();
  if (trimmed !== secret && trimmed !== "" && signedReading([trimmed], body, signature) !== undefined) {
    return [`${SECRET} has white space around it. Without it, the signature matches.`];
  }
  return [
    ...(isJson(body)
      ? []
      : ["The body is not JSON, so only its exact bytes could match. A log or a terminal may have cut it."]),
    `Another secret: compare ${SECRET} with the gateway's. In a .env file, an unquoted # ends the value.`,
    "Another body: it was parsed and printed again, which loses 1.0, long numbers, repeated keys and the order. " +
      "Take the bytes before a body parser does (express.raw, request.rawBody).",
    "Another text: the signature covers only the body, in UTF-8, without a URL, a time or the merchant id.",
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
