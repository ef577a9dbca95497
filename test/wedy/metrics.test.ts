import { createMetrics } from "payme-kit/prometheus";
import { describe, expect, it } from "vitest";
import { METRICS_TOKEN, openStagedShop } from "../prometheus/staged-shop";
import { openShop, refusal } from "./shop";

describe("/metrics", () => {
  it("is read by admins and by METRICS_TOKEN, and by nobody else", async () => {
    const { request, userToken, adminToken } = await openStagedShop();
    for (const token of [METRICS_TOKEN, adminToken]) {
      const { status, text, headers } = await request("GET", "/metrics", { token });
      expect([status, headers.get("content-type")]).toEqual([
        200,
        expect.stringMatching(/^text\/plain.*version=0\.0\.4/),
      ]);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(text).toContain("payme_database_up 1");
    }
    expect(await request("GET", "/metrics", { token: userToken })).toMatchObject(refusal(403, "FORBIDDEN"));
    const wrong = [null, "", METRICS_TOKEN.slice(1), `${METRICS_TOKEN}x`, METRICS_TOKEN.toUpperCase()];
    for (const token of wrong) {
      expect(await request("GET", "/metrics", { token })).toMatchObject(refusal(401, "UNAUTHORIZED"));
    }
  });

  it("counts wrong tokens, and never limits a right one", async () => {
    const { registry, onEvent } = createMetrics();
    const metrics = { metrics: { registry, onEvent }, token: METRICS_TOKEN };
    const { request } = await openShop({ metrics, limits: { failedAuthentications: 2, pages: 10 } });
    const ask = async (token: string | null) => (await request("GET", "/metrics", { token })).status;
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push(await ask("wrong"));
    expect(statuses).toEqual([401, 401, 429]);
    expect(await ask(METRICS_TOKEN)).toBe(200);
  });

  it("without a token of Prometheus it is the admins', and no empty token opens it", async () => {
    const { registry, onEvent } = createMetrics();
    const { request, adminToken } = await openShop({ metrics: { metrics: { registry, onEvent }, token: undefined } });
    expect((await request("GET", "/metrics", { token: adminToken })).status).toBe(200);
    for (const token of ["", "undefined"]) expect((await request("GET", "/metrics", { token })).status).toBe(401);
  });

  it("tells that the database is away to a token that needs none", async () => {
    const { request, troubles } = await openStagedShop();
    troubles.isDatabaseAway = true;
    const { status, text } = await request("GET", "/metrics", { token: METRICS_TOKEN });
    expect(status).toBe(200);
    expect(text).toContain("payme_database_up 0");
  });
});

describe("/payme/statistics", () => {
  it("takes a period by the time that a payment was made", async () => {
    const { request, adminToken, order, clock } = await openStagedShop();
    await order();
    const time = new Date(clock.now() + 1_000).toISOString();
    await clock.advance(60_000);
    for (let n = 0; n < 2; n += 1) await order();
    const total = async (query: string) =>
      (await request("GET", `/payme/statistics${query}`, { token: adminToken })).body.total_payments;
    expect(await total("")).toBe(3);
    expect(await total(`?from=${time}`)).toBe(2);
    expect(await total(`?to=${time}`)).toBe(1);
    expect(await total(`?from=${time}&to=${time}`)).toBe(0);
    expect(await total(`?user_id=user-1&to=${time}`)).toBe(1);
    for (const query of ["?from=yesterday", "?to=2026-13-01T00:00:00Z", "?from=1768471200"]) {
      const answer = await request("GET", `/payme/statistics${query}`, { token: adminToken });
      expect(answer, query).toMatchObject(refusal(400, "VALIDATION_ERROR"));
    }
  });
});
