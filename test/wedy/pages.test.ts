import { expect, it } from "vitest";
import { openShop, refusal, type ShopOptions } from "./shop";

it("the pages have headers that forbid foreign content", async () => {
  const { request } = await openShop();
  for (const path of [
    "/",
    "/page.js",
    "/api.js",
    "/language.js",
    "/story.js",
    "/card.js",
    "/subscribe.js",
    "/texts.js",
    "/style.css",
    "/favicon.svg",
    "/docs/",
    "/docs/swagger-ui-bundle.js",
  ]) {
    const { status, headers } = await request("GET", path, { token: null });
    expect(status, path).toBe(200);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-powered-by")).toBeNull();
  }
});

it("the pages load only their own files, and insert no text as HTML", async () => {
  const { request } = await openShop();
  for (const path of ["/", "/docs/"]) {
    const { text } = await request("GET", path, { token: null });
    for (const [, address] of text.matchAll(/(?:src|href)="([^"#]+)"/g)) expect(address).not.toMatch(/^(https?:)?\/\//);
    expect(text).not.toMatch(/<script(?![^>]*src=)[^>]*>[^<]/);
  }
  const files = ["/page.js", "/api.js", "/language.js", "/story.js", "/card.js", "/subscribe.js", "/texts.js"];
  const script = (await Promise.all(files.map(async (path) => (await request("GET", path)).text))).join("");
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
});

it("the pages connect to their own server alone; in demo mode also to the mock that saves cards", async () => {
  const connectSrc = async (options: ShopOptions) => {
    const { headers } = await (await openShop(options)).request("GET", "/");
    return /connect-src ([^;]*)/.exec(headers.get("content-security-policy") ?? "")?.[1];
  };
  expect(await connectSrc({})).toBe("'self'");
  expect(await connectSrc({ demo: NO_DESK })).toBe("'self'");
  const cards = { merchantId: "1", apiUrl: "http://localhost:8001" };
  expect(await connectSrc({ demo: { ...NO_DESK, cards } })).toBe("'self' http://localhost:8001");
});

it("the pages have a limit for each address; the API with a right token has none", async () => {
  const { request } = await openShop({ limits: { failedAuthentications: 10, pages: 2 } });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i += 1) statuses.push((await request("GET", "/", { token: null })).status);
  expect(statuses).toEqual([200, 200, 429]);
  for (let i = 0; i < 5; i += 1) expect((await request("GET", "/tariffs")).status).toBe(200);
});

const refuse = async () => {
  throw new Error("not in this test");
};
const NO_DESK = { userToken: refuse, story: refuse, notifyAgain: refuse, refund: refuse, cards: null };

it("the pages hand out a user's token in demo mode only, and to this machine only", async () => {
  const demo = await openShop({ demo: { ...NO_DESK, userToken: async () => "the-demo-token" } });
  expect((await demo.request("GET", "/demo/token", { token: null })).body).toEqual({
    token: "the-demo-token",
    cards: null,
  });
  const { port } = new URL(demo.url);
  const rebound = await rawGet(Number(port), "attacker.example");
  expect(rebound).toContain("403 Forbidden");
  expect(rebound).not.toContain("the-demo-token");
  const real = await openShop();
  expect(await real.request("GET", "/demo/token", { token: null })).toMatchObject(refusal(404, "NOT_FOUND"));
});

/** fetch lets nobody choose Host. */
async function rawGet(port: number, host: string): Promise<string> {
  const { connect } = await import("node:net");
  return new Promise((resolve, reject) => {
    let text = "";
    const request = `GET /demo/token HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.on("close", () => resolve(text)).on("error", reject);
  });
}

it("the OpenAPI 3.1 description has every route", async () => {
  const { request } = await openShop();
  const { body } = await request("GET", "/openapi.json", { token: null });
  const { openapi, paths } = body;
  expect(openapi).toBe("3.1.0");
  const routes = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.sort()).toEqual(
    [
      "POST /payme/create-payment",
      "POST /payme/webhook",
      "GET /payme/check-status/{transaction_id}",
      "POST /payme/cancel-payment/{transaction_id}",
      "GET /payme/statistics",
      "GET /metrics",
      "GET /payme/incidents",
      "POST /payme/incidents/{id}/resolve",
      "POST /payme/incidents/{id}/accept",
      "GET /payme/payments/{id}/story",
      "GET /tariffs",
      "POST /tariffs",
      "GET /tariffs/{tariff_id}",
      "PUT /tariffs/{tariff_id}",
      "DELETE /tariffs/{tariff_id}",
      "POST /tariffs/{tariff_id}/grant",
      "POST /tariffs/{tariff_id}/purchase",
      "POST /tariffs/{tariff_id}/subscribe",
      "GET /users/me",
      "GET /users/me/subscription",
      "DELETE /users/me/subscription",
      "GET /health",
    ].sort(),
  );
});
