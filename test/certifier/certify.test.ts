import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { CertifierError } from "../../src/tools/certifier/certifier-error";
import { type CertifyOptions, certify, ORDERS_NEEDED } from "../../src/tools/certifier/certify";
import type { CheckResult } from "../../src/tools/certifier/check";
import { serve } from "../../src/tools/mock-server/server";
import { createEndpoint, KEY, OTHER_KEY, type Rules } from "../faulty/endpoints/reference";
import { createClock } from "./shops";

function given(mistake: Partial<Rules> = {}, options: Partial<CertifyOptions> = {}): CertifyOptions {
  const { now, sleep } = createClock();
  const api = createEndpoint(mistake, now);
  return { api, key: KEY, newOrder: api.newOrder, credited: api.credited, now, sleep, ...options };
}

const find = (checks: readonly CheckResult[], id: string) => checks.find((check) => check.id === id);

describe("certify", () => {
  it("cannot run where nothing answers", async () => {
    const server = await serve(async () => new Response());
    await server.close();
    const certified = certify(given({}, { api: server.url }));
    await expect(certified).rejects.toThrow(CertifierError);
    await expect(certified).rejects.toThrow(/ECONNREFUSED/);
  });

  it("cannot run where the answer never comes", async () => {
    const api = () => new Promise<Response>(() => {});
    await expect(certify(given({}, { api, timeoutMs: 20 }))).rejects.toThrow(/no answer within 0.02 s/);
  });

  it("is refused an address that is none", async () => {
    await expect(certify(given({}, { api: "ftp://127.0.0.1" }))).rejects.toThrow(TypeError);
  });

  it.each([undefined, ""])("cannot run without a key (%j): it says so in one sentence", async (key) => {
    const certified = certify({ ...given(), ...JSON.parse(JSON.stringify({ key: key ?? null })) });
    await expect(certified).rejects.toThrow(CertifierError);
    await expect(certified).rejects.toThrow(/^the key is not set: give the cashbox's key as `key`/);
  });

  it.each([
    ["an order twice", () => ({ account: { order_id: "1" }, amount: som(50_000) }), /\{"order_id":"1"\} twice/],
    [
      "an amount in som",
      () => ({ account: { order_id: "1" }, amount: JSON.parse("50000.5") }),
      /whole number of tiyin/,
    ],
    ["no account", () => ({ account: {}, amount: som(50_000) }), /without a field/],
  ])("cannot run where newOrder gives %s", async (_, newOrder, message) => {
    const certified = certify(given({}, { newOrder }));
    await expect(certified).rejects.toThrow(CertifierError);
    await expect(certified).rejects.toThrow(message);
  });

  it("lets an error of newOrder through, and leaves no order reserved", async () => {
    const endpoint = createEndpoint({ takesOldOnes: true });
    const cancelled: string[] = [];
    let orders = 0;
    const certified = certify({
      key: KEY,
      async api(request) {
        const { method, params } = JSON.parse(
          (await request
            .clone()
            .text()
            .catch(() => "{}")) || "{}",
        );
        if (method === "CancelTransaction") cancelled.push(params.id);
        return endpoint.fetch(request);
      },
      newOrder() {
        orders += 1;
        if (orders === 4) throw new Error("the shop is closed");
        return endpoint.newOrder();
      },
    });
    await expect(certified).rejects.toThrow("the shop is closed");
    expect(cancelled.length).toBeGreaterThan(0);
  });

  it("ends in a wait with the signal's reason, and leaves no order reserved", async () => {
    const api = createEndpoint({ takesOldOnes: true, freesWhatIsOver: false });
    const stop = new AbortController();
    const reason = new Error("enough");
    const startedAt = performance.now();
    const certified = certify({
      api,
      key: KEY,
      newOrder: api.newOrder,
      only: ["timeout.order-free"],
      signal: stop.signal,
      onCheck: ({ id }) => id === "auth.right-key" && setTimeout(() => stop.abort(reason), 200),
    });
    await expect(certified).rejects.toBe(reason);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it("takes a function, what has fetch, and an address alike", async () => {
    const clock = createClock();
    const endpoint = createEndpoint({}, clock.now);
    const server = await serve((request) => endpoint.fetch(request));
    try {
      const apis = [(request: Request) => endpoint.fetch(request), endpoint, server.url, new URL(server.url)];
      const counts = [];
      for (const api of apis) {
        const { checks, ...count } = await certify({ api, key: KEY, newOrder: endpoint.newOrder, ...clock });
        counts.push(count);
      }
      expect(new Set(counts.map((count) => JSON.stringify(count))).size).toBe(1);
      expect(counts[0]).toMatchObject({ failed: 0, warned: 0 });
    } finally {
      await server.close();
    }
  });

  it(`needs ${ORDERS_NEEDED} orders, and skips what none is left for`, async () => {
    const full = given();
    let asked = 0;
    await certify({
      ...full,
      newOrder() {
        asked += 1;
        return full.newOrder();
      },
    });
    expect(asked).toBe(ORDERS_NEEDED);

    const few = given();
    let left = 2;
    const { failed, checks } = await certify({ ...few, newOrder: () => (left-- > 0 ? few.newOrder() : undefined) });
    expect(failed).toBe(0);
    expect(find(checks, "timeout.perform")).toMatchObject({ status: "skipped", got: "no order is left" });
    expect(find(checks, "create.state")).toMatchObject({ status: "passed" });
  });

  it("tells each check as it ends, in order, and counts them", async () => {
    const told: CheckResult[] = [];
    const { checks, ...count } = await certify(
      given({ timeoutReason: null }, { onCheck: (check) => told.push(check) }),
    );
    expect(told).toEqual(checks);
    const { passed, failed, warned, skipped } = count;
    expect(passed + failed + warned + skipped).toBe(checks.length);
    expect(failed).toBe(1);
  });

  it("runs the checks and groups that it is told to, and the two that others need", async () => {
    const { checks, failed } = await certify(given({ refundState: -1 }, { only: ["perform.repeat", "timeout"] }));
    expect(failed).toBe(0);
    expect(checks.map(({ id }) => id)).toEqual([
      "http.answers",
      "auth.right-key",
      "perform.repeat",
      "timeout.not-before",
      "timeout.create",
      "timeout.create-again",
      "timeout.perform",
      "timeout.reason",
      "timeout.order-free",
      "timeout.order-kept",
    ]);
  });

  it.each(["performs", "perform.", "create.second-open"])("has no check that is called %s", async (name) => {
    const certified = certify(given({}, { only: ["auth", name] }));
    await expect(certified).rejects.toThrow(CertifierError);
    await expect(certified).rejects.toThrow(`is called "${name}"; the groups are http, auth,`);
  });

  it("shows with a failure what was sent, what came and what should have come", async () => {
    const { checks } = await certify(given({ timeoutReason: null }));
    expect(find(checks, "timeout.reason")).toMatchObject({
      status: "failed",
      method: "CheckTransaction",
      expected: "state -1, reason 4, perform_time 0",
      exchange: {
        request: { httpMethod: "POST", authorization: "Basic base64(Paycom:<key>)" },
        response: { status: 200, body: expect.stringContaining('"reason":null') },
      },
    });
    expect(find(checks, "create.state")).toMatchObject({ expected: null, got: null, exchange: null });
  });

  it("leaves nothing open behind it, and the key as it was", async () => {
    const api = createEndpoint({ takesOldOnes: true });
    await certify({ api, key: KEY, newOrder: api.newOrder, otherKey: OTHER_KEY });
    const headers = { Authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
    const body = JSON.stringify({ id: 1, method: "GetStatement", params: { from: 0, to: Number.MAX_SAFE_INTEGER } });
    const answer = await api.fetch(new Request("http://localhost/", { method: "POST", headers, body }));
    const { result } = JSON.parse(await answer.text());
    const states = result.transactions.map(({ state }: { state: number }) => state);
    expect(states.length).toBeGreaterThan(ORDERS_NEEDED);
    expect(states).not.toContain(1);
  });

  it("leaves the key as it was, also where the answer to its change was lost", async () => {
    const api = createEndpoint({ takesOldOnes: true });
    let changes = 0;
    const { checks } = await certify({
      key: KEY,
      otherKey: OTHER_KEY,
      newOrder: api.newOrder,
      async api(request) {
        const isChange = (await request.clone().text()).includes(OTHER_KEY);
        const answer = await api.fetch(request);
        if (isChange && ++changes === 1) throw new TypeError("fetch failed");
        return answer;
      },
    });
    expect(find(checks, "change-password.changed")).toMatchObject({ status: "failed", got: "fetch failed" });
    const again = await certify({ api, key: KEY, newOrder: api.newOrder });
    expect(again.failed).toBe(0);
  });

  it("names the account that nobody has as it is told to, and expects the field that it is told", async () => {
    const seen: string[] = [];
    const endpoint = createEndpoint({ data: "invoice", takesOldOnes: true });
    const { checks } = await certify({
      key: KEY,
      newOrder: endpoint.newOrder,
      field: "invoice",
      unknownAccount: { order_id: "999-999" },
      async api(request) {
        seen.push(request.method === "POST" ? await request.clone().text() : "");
        return endpoint.fetch(request);
      },
    });
    expect(seen.some((text) => text.includes('"account":{"order_id":"999-999"}'))).toBe(true);
    expect(find(checks, "check-perform.unknown-account")).toMatchObject({ status: "passed" });
  });

  it("fails where refusals name another field than the account's", async () => {
    const { checks } = await certify(given({ data: "order" }));
    expect(find(checks, "check-perform.unknown-account")).toMatchObject({
      status: "failed",
      expected: 'data: "order_id"',
    });
  });

  it("holds no key in what it gives back, though the endpoint repeats each Authorization as it came and decoded", async () => {
    const { now, sleep } = createClock();
    const endpoint = createEndpoint({}, now);
    const certificate = await certify({
      key: KEY,
      now,
      sleep,
      newOrder: endpoint.newOrder,
      api(request) {
        const header = request.headers.get("authorization") ?? "";
        const decoded = Buffer.from(header.slice(6), "base64").toString();
        return Response.json({
          id: 1,
          error: { code: -1, message: `${header} ${decoded} ${encodeURIComponent(decoded)}` },
        });
      },
    });
    const text = JSON.stringify(certificate);
    expect(text).toContain("<credentials>");
    const half = KEY.slice(0, Math.ceil(KEY.length / 2));
    for (const password of [KEY, `x${KEY}`, `${KEY}x`, half, `${KEY}:more`]) {
      for (const login of ["Paycom", "Somebody", ""]) {
        expect(text).not.toContain(Buffer.from(`${login}:${password}`).toString("base64"));
      }
      expect(text).not.toContain(password);
      expect(text).not.toContain(encodeURIComponent(password));
    }
  });

  it("holds no key in what it gives back, whatever the endpoint repeats", async () => {
    const echo = `${KEY} ${OTHER_KEY} ${Buffer.from(`Paycom:${KEY}`).toString("base64")} ${encodeURIComponent(KEY)}`;
    const certificate = await certify(given({ message: () => echo, keepsOldKey: true }, { otherKey: OTHER_KEY }));
    expect(certificate.failed).toBeGreaterThan(1);
    const text = inspect(certificate, { depth: 10, maxStringLength: null }) + JSON.stringify(certificate);
    expect(text).toContain("<key>");
    for (const secret of [KEY, OTHER_KEY, encodeURIComponent(KEY), Buffer.from(`Paycom:${KEY}`).toString("base64")]) {
      expect(text).not.toContain(secret);
    }
  });
});
