import { exec } from "node:child_process";
import { promisify } from "node:util";
import { ORDERS_NEEDED } from "../certifier/certify";
import { isJsonObject, parseJson } from "../certifier/json";
import type { CertifiedOrder } from "../certifier/run";
import { type CliIo, UsageError } from "./io";

/** The options of `certify` that name its orders. */
export interface OrderFlags {
  readonly field?: string;
  readonly orders?: string;
  readonly ordersFrom?: string;
  readonly account?: string;
  readonly accumulative?: true;
  readonly fixedPrice?: true;
  readonly only?: string;
}

type Account = CertifiedOrder["account"];

/** The time that the command of `--orders-from` may take. */
const COMMAND_TIMEOUT_MS = 60_000;

/**
 * Returns a function that gives the account of the next order.
 *
 * @throws UsageError for too few orders, an account that is not one, or options that do not fit each other.
 */
export function newOrdersOf(flags: OrderFlags, env: CliIo["env"]): () => Promise<Account | undefined> {
  const { field, orders, ordersFrom: command } = flags;
  const others = flags.account === undefined ? undefined : accountOf("--account", flags.account);
  if (orders !== undefined && command !== undefined)
    throw new UsageError("give --orders or --orders-from, one of them");
  if (command !== undefined)
    return async () => withOthers(printedAccount(await printedBy(command, env), field), others);
  const isPaidAgain = flags.accumulative === true || flags.fixedPrice === true;
  if (orders === undefined) {
    if (isPaidAgain && others !== undefined) return async () => others;
    throw new UsageError(
      isPaidAgain ? "give --account, or --field and --orders" : "give --field and --orders, or --orders-from",
    );
  }
  if (field === undefined) throw new UsageError("give --field: the account field that --orders fills");
  const listed = orders.split(",").map((id) => id.trim());
  const ids = [...new Set(listed.filter((id) => id !== ""))];
  const [first] = ids;
  if (first === undefined) throw new UsageError("--orders: one order is needed");
  if (isPaidAgain) return async () => withOthers({ [field]: first }, others);
  if (ids.length < ORDERS_NEEDED && flags.only === undefined) {
    throw new UsageError(`--orders: ${ORDERS_NEEDED} different unpaid orders are needed; ${ids.length} given`);
  }
  return async () => {
    const id = ids.shift();
    return id === undefined ? undefined : withOthers({ [field]: id }, others);
  };
}

/** The order's own fields stand first: the first field identifies what is paid. */
function withOthers(own: Account, others: Account | undefined): Account {
  return { ...own, ...others, ...own };
}

function printedAccount(text: string, field: string | undefined): Account {
  if (text.startsWith("{")) return accountOf("--orders-from", text);
  if (field === undefined) throw new UsageError("give --field: the account field of the id that --orders-from prints");
  return { [field]: text };
}

/** @throws UsageError unless the text is a JSON object of texts and numbers. */
function accountOf(flag: string, text: string): Account {
  const account = parseJson(text);
  if (isJsonObject(account) && Object.keys(account).length > 0 && isAccount(account)) return account;
  throw new UsageError(`${flag}: must be a JSON object of texts and numbers, such as {"user_id":"7","plan":"2"}`);
}

function isAccount(account: Readonly<Record<string, unknown>>): account is Account {
  return Object.values(account).every((value) => typeof value === "string" || typeof value === "number");
}

/** The command sees the settings that are in force here, those of a file included. */
async function printedBy(command: string, env: CliIo["env"]): Promise<string> {
  const { stdout } = await promisify(exec)(command, {
    timeout: COMMAND_TIMEOUT_MS,
    env: { ...process.env, ...env },
  }).catch((error: unknown) => {
    throw new UsageError(`--orders-from: ${error instanceof Error ? error.message : String(error)}`);
  });
  const printed = stdout.trim();
  if (printed === "" || printed.includes("\n")) throw new UsageError("--orders-from: the command must print one order");
  return printed;
}
