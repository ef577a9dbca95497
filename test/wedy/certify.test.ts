import { createMerchantApi, som } from "payme-kit";
import { certify } from "payme-kit/testing";
import { expect, it } from "vitest";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { JWT_SECRET, openShop } from "./shop";

const KEY = "test-key-of-36-characters-0123456789";

it("the server passes the certifier over HTTP, with its tariffs as the orders", async () => {
  const shop = await openShop({
    merchantOf: (tariffs) =>
      createMerchantApi({ ...tariffs.payments.asOrders(), key: "live".padEnd(36, "x"), testKey: KEY }),
  });
  let users = 0;
  const { checks } = await certify({
    api: `${shop.url}/payme/merchant`,
    key: KEY,
    async newOrder() {
      // Of one user, an open payment for a tariff is given again.
      const id = `user${++users}`;
      const token = await signToken({ id, role: "user" }, JWT_SECRET, 600);
      const json = { user_id: id, tariff_id: 1, amount: 10_000 };
      const { body } = await shop.request("POST", "/payme/create-payment", { token, json });
      return { account: { order_id: String(Object(body.data).payment_id) }, amount: som(10_000) };
    },
  });
  const told = (status: string) => checks.filter((check) => check.status === status).map(({ id }) => id);
  expect({ failed: told("failed"), warned: told("warned") }).toEqual({ failed: [], warned: [] });
  expect(told("passed").length).toBeGreaterThan(70);
});
