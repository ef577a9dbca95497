import { createOrder } from "../../lib/orders";
import { payLink } from "../../lib/payme";

/** Makes an order, and sends the payer to Payme. */
export async function POST(): Promise<Response> {
  return new Response(null, { status: 303, headers: { Location: payLink(await createOrder()) } });
}
