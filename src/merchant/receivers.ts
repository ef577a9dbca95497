import { PaymeConfigError } from "../kit/errors";
import { isRecord } from "../kit/json";
import { isTiyin, type Tiyin } from "../kit/money";
import type { Receiver } from "../ledger";
import type { Payable } from "./order";

/**
 * Returns the receivers of what the shop found, checked: Payme would divide the money as they say.
 *
 * @throws PaymeConfigError which names the member that cannot be meant.
 */
export function receiversOf({ receivers }: Payable, amount: Tiyin): readonly Receiver[] | null {
  const given: unknown = typeof receivers === "function" ? receivers(amount) : receivers;
  if (given === undefined || given === null) return null;
  if (!Array.isArray(given)) throw wrong("receivers", given, "Give a list of { id, amount }, or leave receivers out.");
  if (given.length === 0) throw wrong("receivers", given, "Leave receivers out: then your own cashbox gets all.");
  const checked = given.map(checkedReceiver);
  const sum = checked.reduce((total, share) => total + BigInt(share.amount), 0n);
  if (sum === BigInt(amount)) return checked;
  throw new PaymeConfigError(`find gave receivers whose amounts sum to ${sum} tiyin, and ${amount} tiyin are paid`, {
    hint: "Their amounts must sum to what is paid. Give a function of the amount where the cashbox rounds.",
  });
}

function checkedReceiver(receiver: unknown, index: number): Receiver {
  const member = `receivers[${index}]`;
  if (!isRecord(receiver)) throw wrong(member, receiver, "Give { id, amount }.");
  const { id, amount } = receiver;
  if (typeof id !== "string" || id.trim() === "") throw wrong(`${member}.id`, id, "Give the id of a cashbox, as text.");
  if (!isTiyin(amount) || amount === 0)
    throw wrong(`${member}.amount`, amount, "Money is a Tiyin above 0: use tiyin(…) or som(…).");
  return { ...receiver, id, amount };
}

function wrong(member: string, seen: unknown, hint: string): PaymeConfigError {
  return new PaymeConfigError(`find gave ${member}: ${shown(seen)}`, { hint });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "string"
    ? JSON.stringify(value)
    : typeof value === "object" && value !== null
      ? "an object"
      : String(value);
}
