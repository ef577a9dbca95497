import { randomBytes, randomInt } from "node:crypto";
import type { Command } from "commander";
import { isPaymeError } from "../../kit/errors";
import { isLoopback } from "../../kit/loopback";
import type { CashboxOptions } from "../../testing/mock/cashbox";
import { seededRandom } from "../../testing/mock/random";
import { createMockPayme, type MockPayme } from "../mock-server/mock-payme";
import type { MockServer } from "../mock-server/server";
import { codeOf } from "./code-of";
import { type CliIo, ExitCode, UsageError } from "./io";
import { type KeptBooks, readKeptBooks, writeKeptBooks } from "./kept-books";
import { introduceMock, tellExchanges } from "./mock-texts";

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
}

/** The virtual terminal, and the cashbox with billing. */
const TERMINAL_ID = "65a0b0000000000000000001";
const BILLING_ID = "65a0b0000000000000000002";
const KEY_LENGTH = 36;
/** How long after a change the books are written: a burst of changes is one write. */
const KEEP_AFTER_MS = 200;

/** `payme-kit mock`: a Payme to develop against, with its payment page and a console. */
export function mockCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("mock")
    .description("a Payme on this machine: API, payment page, console; no cashbox, no card, no network")
    .option("--port <port>", "where it listens; 0: any that is free", "8001")
    .option("--host <address>", "another address to listen on than this machine's own; needs --yes", "127.0.0.1")
    .option("--notify <url>", "where to send the Wedy guide's signed notifications")
    .option(
      "--merchant-endpoint <url>",
      "your Merchant API endpoint: a second cashbox, whose receipts and links are paid through it",
    )
    .option("--key-stdin", "read that endpoint's key from standard input; else it is PAYME_MERCHANT_KEY, or made")
    .option("--seed <number>", "the same ids and keys each time")
    .option("--keep <file>", "keep the books in this file, and go on with them; else nothing is kept")
    .option("--log", "a line for each call, without what is secret")
    .option("--yes", "yes, let other machines reach it")
    .addHelpText("after", "\nCtrl-C ends it. Exit code 0: ended. 2: could not run.")
    .action(async (flags: Flags) => end(await run(flags, io)));
}

async function run(flags: Flags, io: CliIo): Promise<ExitCode> {
  const port = numberOf("--port", flags.port, 65_535);
  if (!isLoopback(flags.host) && flags.host !== "::1" && flags.yes !== true) {
    throw new UsageError(
      `--host ${flags.host}: other machines could pay and refund at this mock; say --yes if they may`,
    );
  }
  const seed = flags.seed === undefined ? randomInt(2 ** 31) : numberOf("--seed", flags.seed, 2 ** 31 - 1);
  const kept = flags.keep === undefined ? undefined : readKeptBooks(flags.keep);
  const cashboxes = await cashboxesOf(flags, kept, io);
  const mock = made(cashboxes, seed, kept);
  const server = await listening(mock, port, flags.host);
  const keeper = flags.keep === undefined ? undefined : keepBooks(flags.keep, mock, io);
  const stopTelling = flags.log === true ? tellExchanges(mock, io) : () => {};
  try {
    introduceMock({ mock, url: server.url, kept: flags.keep }, io);
    await new Promise<void>((resolve) => {
      io.onInterrupt(resolve);
    });
  } finally {
    stopTelling();
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
    ...(flags.notify === undefined ? {} : { notify: { url: urlOf("--notify", flags.notify) } }),
  };
  if (flags.merchantEndpoint === undefined) return [terminal];
  const endpoint = urlOf("--merchant-endpoint", flags.merchantEndpoint);
  const given = flags.keyStdin === true ? (await io.readStdin()).replace(/\r?\n$/, "") : io.env.PAYME_MERCHANT_KEY;
  if (flags.keyStdin === true && given === "") throw new UsageError("no key on standard input");
  // One key for both directions, as a cashbox has it.
  const key = given === undefined || given === "" ? keyOf(BILLING_ID) : given;
  return [terminal, { merchantId: BILLING_ID, key, name: "Cashbox with billing", billing: { endpoint, key } }];
}

/** A key that a shell and an .env file take as it stands. */
function newKey(dice: (() => number) | undefined): string {
  if (dice === undefined) return randomBytes(27).toString("base64url").slice(0, KEY_LENGTH);
  return Array.from({ length: KEY_LENGTH }, () => Math.floor(dice() * 36).toString(36)).join("");
}

function made([first, ...cashboxes]: CashboxOptions[], seed: number, kept: KeptBooks | undefined): MockPayme {
  try {
    return createMockPayme({ ...first, cashboxes, seed, ...(kept === undefined ? {} : { restore: kept.books }) });
  } catch (error) {
    if (!isPaymeError(error)) throw error;
    throw new UsageError(`${error.message}. ${error.hint ?? ""}`);
  }
}

async function listening(mock: MockPayme, port: number, host: string): Promise<MockServer> {
  try {
    return await mock.listen({ port, host });
  } catch (error) {
    const code = codeOf(error);
    const advice = code === "EADDRINUSE" ? "; is another mock running? --port 0 takes any that is free" : "";
    throw new UsageError(`cannot listen on ${host}:${port} (${code})${advice}`);
  }
}

/** Writes the books soon after each change, and at the end. */
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

function urlOf(flag: string, text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new UsageError(`${flag} ${text}: is no http(s) address`);
}

function numberOf(flag: string, text: string, max: number): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= max) return Number(text);
  throw new UsageError(`${flag} ${text}: must be a whole number up to ${max}`);
}
