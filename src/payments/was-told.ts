import { isRecord } from "../kit/json";
import { CLOSED_BY_US, type PaymentRow } from "../ledger";
import type { PaymentsContext } from "./context";

/**
 * True where a person was told of this money: an incident that a person has resolved is not opened again by every look. One that we
 * closed is: what put it right may not have lasted. So is money that Payme was refused, and has not given back.
 */
export async function wasTold<Tx>(
  { storage, scope }: PaymentsContext<Tx>,
  { id }: PaymentRow,
  paymeId: string,
  kinds: readonly string[],
): Promise<boolean> {
  const told = await storage.listEvents(scope, { subject: id, kinds, limit: 100 });
  return told.some(
    (event) => event.paymeId === paymeId && event.resolvedBy !== CLOSED_BY_US && !isRefusedMoney(event.data),
  );
}

function isRefusedMoney(data: unknown): boolean {
  return isRecord(data) && data.money === "refused";
}
