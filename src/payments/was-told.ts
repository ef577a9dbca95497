import type { PaymentRow } from "../ledger";
import type { PaymentsContext } from "./context";

/** True where a person was told of this money: an incident that was resolved is not opened again by every look. */
export async function wasTold<Tx>(
  { storage, scope }: PaymentsContext<Tx>,
  { id }: PaymentRow,
  paymeId: string,
  kinds: readonly string[],
): Promise<boolean> {
  const told = await storage.listEvents(scope, { subject: id, kinds, limit: 100 });
  return told.some((event) => event.paymeId === paymeId);
}
