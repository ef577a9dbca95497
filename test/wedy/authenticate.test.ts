import { createHmac } from "node:crypto";
import express from "express";
import { SignJWT } from "jose";
import { expect, it } from "vitest";
import { jwtAuthenticate } from "../../examples/express-wedy/src/authenticate";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { JWT_SECRET, openShop, refusal } from "./shop";

const inTenMinutes = () => Math.floor(Date.now() / 1000) + 600;

function token(claims: Record<string, unknown>, { secret = JWT_SECRET, alg = "HS256" } = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

function unsigned(header: object, claims: object, signature = ""): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.${signature}`;
}

it("a wrong, expired or missing token is refused", async () => {
  const { request } = await openShop();
  const claims = { sub: "user123", role: "admin", exp: inTenMinutes() };
  const body = unsigned({ alg: "HS256" }, claims).split(".").slice(0, 2).join(".");
  const tokens: Record<string, string | null> = {
    "no token": null,
    empty: "",
    rubbish: "rubbish",
    "three dots": "..",
    "alg none": unsigned({ alg: "none" }, claims),
    "alg None": unsigned({ alg: "None" }, claims, "AA"),
    "another secret": await token(claims, { secret: "another secret, as long as the right one is: 48 b" }),
    "another algorithm": await token(claims, { alg: "HS512" }),
    "a signature over other claims": `${body}.${createHmac("sha256", JWT_SECRET).update("other").digest("base64url")}`,
    expired: await token({ ...claims, exp: inTenMinutes() - 1200 }),
    "no end": await token({ sub: "user123", role: "user" }),
    "no user": await token({ role: "user", exp: inTenMinutes() }),
    "a user that is no text": await token({ ...claims, sub: "" }),
    "a user that is no whole number": await token({ ...claims, sub: 1.5 }),
    "a user with control characters": await token({ ...claims, sub: "user\u0000123" }),
    "no role": await token({ sub: "user123", exp: inTenMinutes() }),
    "another role": await token({ ...claims, role: "root" }),
    "a refresh token": await token({ ...claims, type: "refresh" }),
  };
  for (const [name, forged] of Object.entries(tokens)) {
    const answer = await request("GET", "/users/me", { token: forged });
    expect(answer, name).toMatchObject(refusal(401, "UNAUTHORIZED"));
    expect(answer.headers.get("www-authenticate"), name).toBe("Bearer");
  }
});

it("a right token is let in, and a new user gets a row", async () => {
  const { request } = await openShop();
  const stranger = await signToken({ id: "never-seen", role: "user" }, JWT_SECRET, 600);
  const answer = await request("GET", "/users/me", { token: stranger });
  expect(answer.body).toEqual({ id: "never-seen", tariff_id: null, tariff_expires_at: null, tariff: null });
});

it("a token of the guide's backend is let in: role client, and a whole number as id", async () => {
  const { request } = await openShop();
  const client = await token({ sub: 42, role: "client", exp: inTenMinutes() });
  expect(await request("GET", "/users/me", { token: client })).toMatchObject({ status: 200, body: { id: "42" } });
  const json = { user_id: 42, tariff_id: 1, amount: 10_000 };
  const paid = await request("POST", "/payme/create-payment", { token: client, json });
  expect(paid).toMatchObject({ status: 200, body: { data: { user_id: "42" } } });
  const other = await request("POST", "/payme/create-payment", { token: client, json: { ...json, user_id: 43 } });
  expect(other.status).toBe(403);
  expect((await request("POST", "/tariffs", { token: client, json: {} })).status).toBe(403);
});

it("tokens without a role are let in where the shop says whose they are", async () => {
  const admins = new Set(["aziza"]);
  const authenticate = jwtAuthenticate([JWT_SECRET], {
    roleOf: ({ sub = "" }) => (admins.has(sub) ? "admin" : "user"),
  });
  const roleOf = async (claims: Record<string, unknown>) => {
    const bearer = `Bearer ${await token({ exp: inTenMinutes(), ...claims })}`;
    const request: express.Request = Object.setPrototypeOf({ headers: { authorization: bearer } }, express.request);
    return (await authenticate(request)).role;
  };
  expect(await roleOf({ sub: "aziza" })).toBe("admin");
  expect(await roleOf({ sub: "user123" })).toBe("user");
  expect(await roleOf({ sub: "aziza", role: "client" })).toBe("user");
});

it("a user's token is refused on every path of admins", async () => {
  const { request } = await openShop();
  for (const [method, path] of [
    ["POST", "/tariffs"],
    ["PUT", "/tariffs/1"],
    ["DELETE", "/tariffs/1"],
    ["GET", "/payme/statistics"],
    ["POST", "/payme/cancel-payment/x"],
  ] as const) {
    expect(await request(method, path), path).toMatchObject(refusal(403, "FORBIDDEN"));
    expect(await request(method, path, { token: null }), path).toMatchObject(refusal(401, "UNAUTHORIZED"));
  }
});

it("failed authentications of an address are limited; a right token never is", async () => {
  const { request, notify } = await openShop({ limits: { failedAuthentications: 3, pages: 100 } });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i += 1) statuses.push((await request("GET", "/users/me", { token: "forged.to.ken" })).status);
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  const limited = await request("POST", "/payme/webhook", { token: null, body: "{}" });
  expect(limited).toMatchObject(refusal(429, "RATE_LIMITED"));
  expect((await request("GET", "/users/me")).status).toBe(200);
  expect((await notify({ method: "receipts.send", params: {} })).status).toBe(200);
});

it("the client's address is taken from a proxy only where one is configured", async () => {
  const limits = { failedAuthentications: 1, pages: 100 };
  const direct = await openShop({ limits });
  const proxied = await openShop({ limits, trustProxy: 1 });
  const fail = ({ request }: typeof direct, address: string) =>
    request("GET", "/users/me", { token: null, headers: { "X-Forwarded-For": address } });
  expect([(await fail(direct, "1.1.1.1")).status, (await fail(direct, "2.2.2.2")).status]).toEqual([401, 429]);
  expect([(await fail(proxied, "1.1.1.1")).status, (await fail(proxied, "2.2.2.2")).status]).toEqual([401, 401]);
});
