import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { describe, expect, it } from "vitest";
import { createPaymeClient, createPayments, isPaymeError, memoryStorage } from "../../src/entry";
import { doctor } from "../../src/entry/doctor";
import { CHECKS } from "../../src/operate/doctor/run-checks";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { serve } from "../../src/tools/mock-server/server";
import { paymentRow } from "../ledger/rows";
import { recording } from "../recorder/kit";
import { listening, look, MERCHANT_KEY, openWorld, SECRET_KEY, told } from "./world";

/** A server that takes every call and answers none. */
const silent = () => listening(createServer(() => {}));

describe("the doctor only reads", () => {
  it("asks Payme by reads alone, also where the key is wrong and other places are tried", async () => {
    const world = await openWorld();
    await look(world);
    world.parts.env.PAYME_SECRET_KEY = "another-key-of-36-characters-0123456";
    await look(world);
    expect([...new Set(world.asked)].sort()).toEqual(["GET /api", "POST receipts.check"]);
  });

  it("a recorder before Payme sees the same, and no other method", async () => {
    const mock = createMockPayme({ key: SECRET_KEY });
    const server = await mock.listen();
    const between = await recording(server.url);
    const env = {
      PAYME_MERCHANT_ID: mock.merchantId,
      PAYME_SECRET_KEY: SECRET_KEY,
      PAYME_AUTH: "key",
      PAYME_TEST_API_URL: between.url,
    };
    const findings = await doctor({ env });
    await between.ended(2);
    await server.close();
    expect(told(findings)).toEqual([]);
    const methods = between.exchanges.map(({ request }) => request.method ?? request.httpMethod);
    expect(methods.sort()).toEqual(["GET", "receipts.check"]);
    expect(mock.receipts()).toEqual([]);
  });

  it("asks the endpoint by CheckTransaction alone, and leaves every byte of the database as it is", async () => {
    const world = await openWorld();
    await look(world);
    const digest = () =>
      createHash("sha256")
        .update(readFileSync(world.file))
        .update(readFileSync(`${world.file}-wal`))
        .digest("hex");
    const [before, counted] = [digest(), world.heard.length];
    await look(world);
    // A refused call has no method.
    expect([...new Set(world.heard)].sort()).toEqual(["", "CheckTransaction"]);
    expect(world.heard.length).toBeGreaterThan(counted);
    expect(digest()).toBe(before);
    await world.storage.addPayment(paymentRow());
    expect(digest()).not.toBe(before);
  });
});

describe("a wrong key is looked for elsewhere", () => {
  it.each([
    { auth: "signature", host: "https://test.paycom.uz", fix: "PAYME_AUTH=signature and PAYME_TEST_MODE=true" },
    { auth: "key", host: "https://checkout.paycom.uz", fix: "PAYME_AUTH=key and PAYME_TEST_MODE=false" },
  ])("it is accepted at $host with the scheme $auth", async ({ auth, host, fix }) => {
    const world = await openWorld();
    const { fetch = globalThis.fetch } = world.parts;
    world.parts.fetch = async (input, init) => {
      const request = new Request(input, init);
      const isSigned = /:[0-9a-f]{64}$/.test(request.headers.get("x-auth") ?? "");
      const isThere = request.url.startsWith(host) && isSigned === (auth === "signature");
      if (request.method === "GET" || isThere) return fetch(request);
      return new Response('{"error":{"code":-32504,"message":"no"}}');
    };
    const findings = await look(world);
    expect(told(findings)).toEqual(["payme.key wrong"]);
    const finding = findings.find(({ check }) => check === "payme.key");
    expect(finding?.saw).toContain(`accepted at ${host} with the scheme ${auth}`);
    expect(finding?.fix).toContain(fix);
  });

  it("a mock or a proxy gets the key in the other scheme, and Payme does not get it", async () => {
    const world = await openWorld();
    const asked: string[] = [];
    world.parts.env.PAYME_TEST_API_URL = "http://127.0.0.1:8001";
    world.parts.fetch = async (input, init) => {
      asked.push(new Request(input, init).url);
      return new Response('{"error":{"code":-32504,"message":"no"}}');
    };
    await look(world);
    expect([...new Set(asked)]).toEqual(["http://127.0.0.1:8001/api"]);
  });
});

describe("no finding has a secret", () => {
  const key = `Pl@nted"Key?1&2\\%#ed/+=>>>???~~~`.padEnd(36, "x");
  const forms = (secret: string) => [
    secret,
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    Buffer.from(secret).toString("base64url"),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ];

  it("whatever comes back repeats it", async () => {
    const world = await openWorld();
    const { merchantId } = world.mock;
    Object.assign(world.parts.env, { PAYME_SECRET_KEY: key, PAYME_MERCHANT_KEY: key });
    const echo = [key, `Paycom:${key}`, `${merchantId}:${key}`].flatMap(forms);
    const header = echo.filter((text) => /^[\x21-\x7e]+$/.test(text)).join("/");
    const answers = [
      () => new Response(JSON.stringify({ error: { code: -32504, message: echo.join(" ") } })),
      () => new Response(echo.join(" "), { status: 500 }),
      () => Promise.reject(Object.assign(new TypeError(echo.join(" ")), { code: echo.join(" ") })),
    ];
    let shown = "";
    for (const answer of answers) {
      world.parts.fetch = async () => answer();
      world.front.answer = (_request, response) => {
        response.writeHead(301, { Location: `https://shop.example/${header}` }).end();
        return true;
      };
      world.parts.database = {
        sql: { dialect: "sqlite", read: () => Promise.reject(new Error(echo.join(" "))) },
        tables: world.storage.tables,
      };
      shown += JSON.stringify(await look(world));
    }
    world.parts.env.PAYME_AUTH = key;
    shown += JSON.stringify(await look(world));
    // The search is not blind: each of these is in a finding, without the key.
    expect(shown).toContain("the check failed: [hidden]");
    expect(shown).toContain("HTTP 301 to https://shop.example/");
    expect(shown).toContain("payme.reached");
    expect(echo.filter((form) => shown.includes(form) || shown.includes(JSON.stringify(form).slice(1, -1)))).toEqual(
      [],
    );
  });
});

describe("time", () => {
  it("a server that never answers costs the limit once, side by side, and is one finding", async () => {
    const world = await openWorld();
    const origin = await silent();
    Object.assign(world.parts, { url: `${origin}/payme`, webhookUrl: `${origin}/webhook`, timeoutMs: 400 });
    world.parts.fetch = () => new Promise(() => {});
    world.parts.database = {
      sql: { dialect: "postgres", read: () => new Promise(() => {}) },
      tables: world.storage.tables,
    };
    const before = Date.now();
    const findings = await look(world);
    expect(Date.now() - before).toBeLessThan(2_000);
    const expected = ["payme.reached", "endpoint.reached", "endpoint.webhook", "database.reached"];
    expect(told(findings)).toEqual(expected.map((check) => `${check} uncertain`));
    expect(findings.find(({ check }) => check === "payme.reached")?.saw).toBe("no answer within 400 ms");
  });

  it("the limit is 5 s by itself", async () => {
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    const findings = await doctor({ url: `${await silent()}/payme`, sleep, only: ["endpoint.reached"] });
    expect(waits).toEqual([5_000]);
    expect(told(findings)).toEqual(["endpoint.reached uncertain"]);
  });

  it("a connection that nobody accepts ends with the limit, too", async () => {
    const server = createTcpServer({ pauseOnConnect: true });
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const findings = await doctor({ url: `https://127.0.0.1:${port}/`, timeoutMs: 200, only: ["endpoint"] });
    server.close();
    expect(told(findings)).toEqual(["endpoint.reached uncertain"]);
  });
});

describe("the choice of checks", () => {
  it("offline needs no network at all", async () => {
    const world = await openWorld();
    const calls: unknown[] = [];
    world.parts.fetch = async (input) => {
      calls.push(input);
      throw new Error("no network");
    };
    world.front.answer = (request) => {
      calls.push(request.url);
      return false;
    };
    const findings = await look({ parts: { ...world.parts, offline: true } });
    expect(told(findings)).toEqual([]);
    expect(calls).toEqual([]);
    const groups = new Set(findings.map(({ group }) => group));
    expect([...groups]).toEqual(["env", "link", "database", "books", "process"]);
  });

  it("only takes what must come first with it, and skip leaves it out", async () => {
    const { parts } = await openWorld();
    const names = async (choice: object) => (await look({ parts: { ...parts, ...choice } })).map(({ check }) => check);
    expect(await names({ only: ["database.indexes", "link"], skip: ["link.slash"] })).toEqual([
      ...["link.form", "link.fields", "link.amount", "link.host"],
      ...["database.reached", "database.migrated", "database.indexes"],
    ]);
    expect(await names({ only: ["payme.key"], skip: ["env"] })).toEqual(["payme.reached", "payme.key"]);
  });

  it.each([{ only: ["endpont"] }, { skip: ["env.keyshape"] }])("%o names no check", async (choice) => {
    const error = await doctor({ env: {}, ...choice }).catch((thrown: unknown) => thrown);
    expect(isPaymeError(error) && error.code).toBe("CONFIG_INVALID");
  });

  it.each(["shop.example", "ftp://shop.example", "https://me:word@shop.example/payme"])(
    "%s is no address",
    async (url) => {
      const error = await doctor({ url }).catch((thrown: unknown) => thrown);
      expect(isPaymeError(error) && error.code).toBe("CONFIG_INVALID");
      expect(String(error)).not.toContain("word@");
    },
  );
});

describe("in a process of the shop", () => {
  it("looks at what it is given: a client without its key, and the books of one cashbox", async () => {
    const mock = createMockPayme({ key: SECRET_KEY });
    const storage = memoryStorage();
    const client = createPaymeClient({ merchantId: mock.merchantId, key: SECRET_KEY, mode: "test", fetch: mock.fetch });
    const payments = createPayments({ storage, client, cashbox: "tashkent", onPaid: () => true });
    await storage.addPayment(paymentRow({ cashbox: "tashkent", nextCheckAt: 1 }));
    const given = { client, storage, fetch: mock.fetch, skip: ["clock"] };
    expect(told(await doctor({ ...given, payments }))).toEqual(["books.reconcile wrong"]);
    expect(told(await doctor({ ...given, cashbox: "tashkent" }))).toEqual(["books.reconcile wrong"]);
    expect(told(await doctor(given))).toEqual([]);
  });

  it("without the key the endpoint is looked at all the same", async () => {
    const { parts } = await openWorld();
    const findings = await doctor({ url: parts.url });
    expect(told(findings)).toEqual([]);
    const checks = findings.map(({ check }) => check);
    expect(checks).toContain("endpoint.large-body");
    expect(checks).not.toContain("endpoint.right-key");
  });

  it("sends no key over an open connection", async () => {
    const keys: (string | undefined)[] = [];
    const server = await serve(async (request) => {
      keys.push(request.headers.get("authorization") ?? undefined);
      return Response.json({ error: { code: request.method === "GET" ? -32300 : -32504 } });
    });
    const url = server.url.replace("127.0.0.1", "0.0.0.0");
    const findings = await doctor({ url, key: MERCHANT_KEY });
    await server.close();
    expect(told(findings)).toEqual(["endpoint.certificate wrong"]);
    const wrongKey = `Basic ${Buffer.from("Paycom:not-a-key").toString("base64")}`;
    expect(new Set(keys)).toEqual(new Set([undefined, wrongKey]));
  });

  it("each check says why it matters and what to do, within what a line can hold", () => {
    for (const { id, why, fix } of CHECKS) {
      expect(why, id).toMatch(/^[A-Z].*\.$/);
      expect(fix.length, id).toBeGreaterThan(10);
    }
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
    const ids: readonly string[] = CHECKS.map(({ id }) => id);
    expect(CHECKS.flatMap(({ after = [] }) => after).filter((id) => !ids.includes(id))).toEqual([]);
  });
});
