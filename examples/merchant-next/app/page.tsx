import { allOrders } from "../lib/orders";

export const dynamic = "force-dynamic";

export default async function Page() {
  const orders = await allOrders();
  return (
    <>
      <form method="post" action="/orders">
        <button type="submit">Buy</button>
      </form>
      <ul>
        {orders.map(({ id, som, status }) => (
          <li key={id}>{`${id}: ${som} som, ${status}`}</li>
        ))}
      </ul>
    </>
  );
}
