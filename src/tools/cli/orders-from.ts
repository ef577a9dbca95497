import { exec } from "node:child_process";
import { promisify } from "node:util";
import { UsageError } from "./io";

/** Where orders come from. */
export interface OrderSource {
  /** Ids with commas between. */
  readonly orders?: string | undefined;
  /** A command of the shell that prints one id. */
  readonly ordersFrom?: string | undefined;
  /** One id will do, again and again. */
  readonly isAccumulative: boolean;
  readonly needed: number;
}

/** How long a command may take that makes an order. */
const COMMAND_TIMEOUT_MS = 60_000;

/** Gives an order's id each time it is called. @throws UsageError when there are too few, or a command prints none. */
export function ordersFrom({
  orders,
  ordersFrom: command,
  isAccumulative,
  needed,
}: OrderSource): () => Promise<string | undefined> {
  if ((orders === undefined) === (command === undefined))
    throw new UsageError("give --orders or --orders-from, one of them");
  if (command !== undefined) return () => printedBy(command);
  const ids = (orders ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  const [first] = ids;
  if (isAccumulative) {
    if (first === undefined) throw new UsageError("--orders: one balance is needed");
    return async () => first;
  }
  if (new Set(ids).size < needed) {
    throw new UsageError(
      `--orders: ${needed} different ones are needed, that are not paid; ${new Set(ids).size} given`,
    );
  }
  return async () => ids.shift();
}

async function printedBy(command: string): Promise<string> {
  const { stdout } = await promisify(exec)(command, { timeout: COMMAND_TIMEOUT_MS }).catch((error: unknown) => {
    throw new UsageError(`--orders-from: ${error instanceof Error ? error.message : String(error)}`);
  });
  const id = stdout.trim();
  if (id === "" || id.includes("\n")) throw new UsageError("--orders-from: the command must print one order's id");
  return id;
}
