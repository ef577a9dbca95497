import { canonicalBody, isSignature, type SignedReading, signedReading, signPayload } from "../../gateway/signature";
import type { AddCommand } from "./add-command";
import { curlCommand } from "./curl";
import { examples } from "./examples";
import { httpAddress, secretOf, textOf } from "./input";
import { asUsage, type CliIo, ExitCode, UsageError } from "./io";

interface Flags {
  readonly file?: string;
  readonly canonical?: true;
  readonly verify?: string;
  readonly xAuth?: true;
  readonly curl?: string;
  readonly keyStdin?: true;
  readonly json?: true;
}

const SECRET = "PAYME_SECRET_KEY";

/** `payme-kit sign`: makes the Wedy guide's signature of a body, or says why one does not match. */
export const signCommand: AddCommand = (command, io, end) => {
  command
    .option("--file <path>", "read the body from a file; - is standard input, the default")
    .option("--canonical", "print the text to sign instead of the signature; needs no key")
    .option("--verify <signature>", "check this signature, and say which form of the body was signed")
    .option("--x-auth", "print the value of X-Auth: PAYME_MERCHANT_ID, a colon, the signature")
    .option("--curl <url>", "print the curl that sends the body to this address as a signed notification")
    .option("--key-stdin", `read the secret from standard input, not from ${SECRET}`)
    .option(
      "--json",
      "print one JSON document: {signature}, {canonical}, {xAuth}, {curl} or {matches, reading, causes}",
    )
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit sign --file body.json --x-auth",
          `npx payme-kit sign '{"method":"receipts.get","params":{"id":"65a0c1d2e3f4a5b6c7d8e9f0"}}' --json`,
        ],
        powershell: ["$env:PAYME_SECRET_KEY = '…'", "npx payme-kit sign --file body.json --x-auth"],
      }),
    )
    .addHelpText("after", "\nExit code 0: signed, or the signature matches. 1: it does not match. 2: could not run.")
    .action(async (json: string | undefined, flags: Flags) => end(await run(json, flags, io)));
};

async function run(argument: string | undefined, flags: Flags, io: CliIo): Promise<ExitCode> {
  refuseContradictions(flags);
  const { keyStdin } = flags;
  const file = flags.file ?? (argument === undefined ? "-" : undefined);
  const body = (await textOf({ argument, file, keyStdin }, io)) ?? "";
  if (body.trim() === "") throw new UsageError("the body is empty");
  const tell = (name: string, text: string) => {
    io.out(flags.json === true ? JSON.stringify({ [name]: text }, null, 2) : text);
    return ExitCode.OK;
  };
  if (flags.canonical === true)
    return tell(
      "canonical",
      asUsage(() => canonicalBody(body)),
    );
  if (flags.curl !== undefined) return tell("curl", notification(flags.curl, body));
  const secret = await secretOf({ variables: [SECRET], keyStdin }, io);
  if (flags.verify !== undefined) return verify(body, flags, secret, io);
  const signature = asUsage(() => signPayload(body, secret));
  return flags.xAuth === true ? tell("xAuth", `${merchantId(io)}:${signature}`) : tell("signature", signature);
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

function verify(body: string, { verify: given = "", json }: Flags, secret: string, io: CliIo): ExitCode {
  const signature = given.trim();
  if (!isSignature(signature)) throw new UsageError("--verify: a signature is 64 hexadecimal digits");
  // Editors and echo add a line end that was not sent.
  const sent = body.replace(/\r?\n$/, "");
  const whole = signedReading([secret], body, signature);
  const reading = whole ?? signedReading([secret], sent, signature);
  const found = reading === undefined ? causes(sent, signature, secret) : [];
  if (json === true) {
    io.out(JSON.stringify({ matches: reading !== undefined, reading: reading ?? null, causes: found }, null, 2));
  } else if (reading === undefined) {
    io.out("It does not match: neither raw, nor canonical, nor sorted.");
    for (const cause of found) io.out(`- ${cause}`);
  } else {
    io.out(`It matches. ${whole === undefined ? `${READINGS.raw}, without the line end` : READINGS[whole]}.`);
  }
  return reading === undefined ? ExitCode.FOUND : ExitCode.OK;
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
