import { connection } from "next/server";
import { payLink } from "../../payme/merchant";
import { allOrders, createOrder } from "../../payme/orders";

/** A page to try it: the orders, and a button. Yours takes its place. */
export async function GET(): Promise<Response> {
  await connection(); // not during a build
  const list = (await allOrders()).map(({ id, som, status }) => `<li>${id}: ${som} som, ${status}`);
  const page = `<form method="post"><button>Buy</button></form><ul>${list.join("")}</ul>`;
  return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

/** Makes an order, and sends the payer to Payme. */
export async function POST(): Promise<Response> {
  return new Response(null, { status: 303, headers: { Location: payLink(await createOrder()) } });
}
