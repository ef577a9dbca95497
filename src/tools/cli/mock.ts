import { randomBytes, randomInt } from "node:crypto";
import { isLoopback } from "../../kit/loopback";
import type { CashboxOptions } from "../../testing/mock/cashbox";
import { seededRandom } from "../../testing/mock/random";
import { createMockPayme, type MockPayme } from "../mock-server/mock-payme";
import type { MockServer } from "../mock-server/server";
import type { AddCommand } from "./add-command";
import { codeOf } from "./code-of";
import { examples } from "./examples";
import { httpAddress, secretOf, wholeNumber } from "./input";
import { asUsage, type CliIo, ExitCode, UsageError } from "./io";
import { type KeptBooks, readKeptBooks, writeKeptBooks } from "./kept-books";
import { describeMock, introduceMock, printExchanges } from "./mock-texts";

interface Flags {
  readonly port: string;
  readonly host: string;
  readonly notify?: string;
  readonly merchantEndpoint?: string;
  readonly keyStdin?: true;
  readonly seed?: string;
  readonly keep?: string;
  readonly log?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** The cashboxes: a virtual terminal, and one with billing. */
const TERMINAL_ID = "65a0b0000000000000000001";
const BILLING_ID = "65a0b0000000000000000002";
const KEY_LENGTH = 36;
/** The delay from a change to the write. Many changes at once cause one write. */
const KEEP_AFTER_MS = 200;

/** `payme-kit mock`: runs a mock of Payme for development, with its payment page and a console. */
export const mockCommand: AddCommand = (command, io, end) => {
  command
    .option("--port <port>", "the port to listen on; 0: any free port", "8001")
    .option("--host <address>", "the address to listen on; other than this machine's it needs --yes", "127.0.0.1")
    .option("--notify <url>", "send the Wedy guide's signed notifications to this address")
    .option(
      "--merchant-endpoint <url>",
      "add a second cashbox, which pays its receipts and links through your Merchant API endpoint",
    )
    .option("--key-stdin", "read that endpoint's key from standard input; default: PAYME_MERCHANT_KEY, else a new key")
    .option("--seed <number>", "make the same ids and keys each time")
    .option("--keep <file>", "keep the books in this file for the next run; default: keep nothing")
    .option("--log", "print a line for each call, without secrets")
    .option("--yes", "let other machines reach the mock")
    .option("--json", "print one JSON document when it listens: {url, console, settings, cashboxes}")
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit mock",
          "npx payme-kit mock --keep mock.json --merchant-endpoint http://localhost:3000/payme --log",
        ],
        powershell: [
          "npx payme-kit mock",
          "npx payme-kit mock --keep mock.json --merchant-endpoint http://localhost:3000/payme --log",
        ],
      }),
    )
    .addHelpText("after", "\nCtrl-C ends it. Exit code 0: ended. 2: could not run.")
    .action(async (flags: Flags) => end(await run(flags, io)));
};

async function run(flags: Flags, io: CliIo): Promise<ExitCode> {
  const port = wholeNumber("--port", flags.port, 65_535);
  if (!isLoopback(flags.host) && flags.host !== "::1" && flags.yes !== true) {
    throw new UsageError(`--host ${flags.host}: other machines could pay and refund here; allow it with --yes`);
  }
  const seed = flags.seed === undefined ? randomInt(2 ** 31) : wholeNumber("--seed", flags.seed, 2 ** 31 - 1);
  const kept = flags.keep === undefined ? undefined : readKeptBooks(flags.keep);
  const cashboxes = await cashboxesOf(flags, kept, io);
  const mock = made(cashboxes, seed, kept);
  const server = await listening(mock, port, flags.host);
  const keeper = flags.keep === undefined ? undefined : keepBooks(flags.keep, mock, io);
  const say = flags.json === true ? io.err : io.out;
  const stopPrinting = flags.log === true ? printExchanges(mock, say) : () => {};
  try {
    if (flags.json === true) io.out(JSON.stringify(describeMock(mock, server.url), null, 2));
    else introduceMock({ mock, url: server.url, kept: flags.keep }, io);
    await new Promise<void>((resolve) => {
      io.onInterrupt(resolve);
    });
  } finally {
    stopPrinting();
    await server.close();
    keeper?.end();
    mock.reset();
  }
  return ExitCode.OK;
}

async function cashboxesOf(flags: Flags, kept: KeptBooks | undefined, io: CliIo): Promise<CashboxOptions[]> {
  const dice = flags.seed === undefined ? undefined : seededRandom(Number(flags.seed)).next;
  const keyOf = (merchantId: string) => kept?.keys[merchantId] ?? newKey(dice);
  const terminal = {
    merchantId: TERMINAL_ID,
    key: keyOf(TERMINAL_ID),
    name: "Virtual terminal",
    ...(flags.notify === undefined ? {} : { notify: { url: httpAddress("--notify", flags.notify) } }),
  };
  if (flags.merchantEndpoint === undefined) return [terminal];
  const endpoint = httpAddress("--merchant-endpoint", flags.merchantEndpoint);
  const { keyStdin } = flags;
  const given = keyStdin === true ? await secretOf({ keyStdin }, io) : io.env.PAYME_MERCHANT_KEY;
  // A cashbox has one key for both directions.
  const key = given === undefined || given === "" ? keyOf(BILLING_ID) : given;
  return [terminal, { merchantId: BILLING_ID, key, name: "Cashbox with billing", billing: { endpoint, key } }];
}

/** A key that needs no quotes in a shell or an .env file. */
function newKey(dice: (() => number) | undefined): string {
  if (dice === undefined) return randomBytes(27).toString("base64url").slice(0, KEY_LENGTH);
  return Array.from({ length: KEY_LENGTH }, () => Math.floor(dice() * 36).toString(36)).join("");
}

function made([first, ...cashboxes]: CashboxOptions[], seed: number, kept: KeptBooks | undefined): MockPayme {
  const restored = kept === undefined ? {} : { restore: kept.books };
  return asUsage(() => createMockPayme({ ...first, cashboxes, seed, ...restored }));
}

async function listening(mock: MockPayme, port: number, host: string): Promise<MockServer> {
  try {
    return await mock.listen({ port, host });
  } catch (error) {
    const code = codeOf(error);
    const advice = code === "EADDRINUSE" ? "; is another mock running? --port 0 takes any free port" : "";
    throw new UsageError(`cannot listen on ${host}:${port} (${code})${advice}`);
  }
}

/** Writes the books soon after each change and at the end. */
function keepBooks(file: string, mock: MockPayme, io: CliIo): { end(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    timer = undefined;
    const keys = Object.fromEntries(mock.cashboxes.map(({ merchantId, key }) => [merchantId, key]));
    writeKeptBooks(file, { keys, books: mock.snapshot() });
  };
  write();
  const forget = mock.onChange(() => {
    timer ??= setTimeout(() => {
      try {
        write();
      } catch (error) {
        io.err(error instanceof Error ? error.message : String(error));
      }
    }, KEEP_AFTER_MS);
  });
  return {
    end() {
      forget();
      clearTimeout(timer);
      write();
    },
  };
}
