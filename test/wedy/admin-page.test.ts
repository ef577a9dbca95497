import { expect, it } from "vitest";
import { openShop, refusal } from "./shop";

it("the operator's page is for admin tokens, in Authorization or in the cookie", async () => {
  const shop = await openShop();
  const cookie = (token: string) => ({ token: null, headers: { cookie: `a=b; wedy_admin=${token}` } });
  expect(await shop.request("GET", "/admin", { token: null })).toMatchObject(refusal(401, "UNAUTHORIZED"));
  for (const options of [{ token: shop.userToken }, cookie(shop.userToken)]) {
    expect((await shop.request("GET", "/admin", options)).status).toBe(403);
  }
  for (const options of [{ token: shop.adminToken }, cookie(shop.adminToken)]) {
    const page = await shop.request("GET", "/admin?lang=en", options);
    expect(page).toMatchObject({ status: 200 });
    expect(page.text).toContain("Payment, Payme id, reference or user");
    expect(page.text).toContain("<small>admin</small>");
    expect(page.headers.get("x-frame-options")).toBe("DENY");
    expect(page.headers.get("content-security-policy")).toContain("sha256-");
  }
  // A name that the caller sends himself is not believed.
  const named = { token: shop.adminToken, headers: { "x-wedy-operator": "Somebody" } };
  expect((await shop.request("GET", "/admin?lang=en", named)).text).not.toContain("Somebody");
});
