import { connect } from "node:net";
import Database from "better-sqlite3";
import { memoryStorage, PaymeStorageError } from "payme-kit";
import { type SqliteDatabase, sqliteStorage } from "payme-kit/sqlite";
import { expect, it } from "vitest";
import { openShop, refusal } from "./shop";

const TEN_MEGABYTES = 10 * 1024 * 1024;

/** Sends a request in chunks, so that its length is not known before. */
const chunked = (bytes: number) =>
  new ReadableStream({
    start(controller) {
      const chunk = new Uint8Array(64 * 1024).fill(32);
      for (let sent = 0; sent < bytes; sent += chunk.length) controller.enqueue(chunk);
      controller.close();
    },
  });

it.each([
  ["no JSON", "{"],
  ["a lone word", "x"],
  ["JSON with a tail", "{} {}"],
  ["nothing", ""],
  ["a byte order mark alone", "\ufeff"],
  ["deep nesting", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
  ["a deep object", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
  ["a number beyond all numbers", `{"user_id":"user123","tariff_id":1,"amount":${"9".repeat(5_000)}}`],
  ["a prototype", '{"__proto__":{"user_id":"user123"},"tariff_id":1,"amount":10000}'],
  ["broken UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
])("a body of %s is answered with 400", async (_case, body) => {
  const { request } = await openShop();
  const headers = { "Content-Type": "application/json" };
  const answer = await request("POST", "/payme/create-payment", { body, headers });
  expect(answer).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  expect(answer.body.message).toBe(answer.body.error);
});

it("a body in a strange encoding is answered with 400", async () => {
  const { request } = await openShop();
  const json = '{"user_id":"user123","tariff_id":1,"amount":10000}';
  for (const headers of [
    { "Content-Type": "application/json; charset=utf-99" },
    { "Content-Type": "application/json", "Content-Encoding": "rot13" },
    { "Content-Type": "application/json", "Content-Encoding": "gzip" },
  ]) {
    const answer = await request("POST", "/payme/create-payment", { body: json, headers });
    expect(answer).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  }
});

it("10 MB are answered with 413, announced or not, and the server goes on", async () => {
  const { url, request, adminToken } = await openShop();
  for (const path of ["/payme/create-payment", "/tariffs", "/payme/webhook", "/tariffs/1/purchase"]) {
    const answer = await request("POST", path, { token: adminToken, body: " ".repeat(TEN_MEGABYTES) });
    expect(answer, path).toMatchObject(refusal(413, "VALIDATION_ERROR"));
  }
  for (const path of ["/payme/create-payment", "/tariffs", "/payme/webhook"]) {
    const headers = { Authorization: `Bearer ${adminToken}`, "Content-Type": "application/json" };
    const options: RequestInit & { duplex: "half" } = {
      method: "POST",
      body: chunked(TEN_MEGABYTES),
      headers,
      duplex: "half",
    };
    const response = await fetch(url + path, options);
    expect(response.status, path).toBe(413);
    await response.body?.cancel();
  }
  expect((await request("GET", "/health")).status).toBe(200);
});

it("a form with a file, too many fields or a broken boundary is answered with 400", async () => {
  const { request, adminToken: token, tariffs } = await openShop();
  const withFile = new FormData();
  withFile.set("name", new Blob(["x"]), "name.txt");
  const withMany = new FormData();
  for (let i = 0; i < 50; i += 1) withMany.set(`field${i}`, "x");
  const broken = { body: "--x\r\nnonsense", headers: { "Content-Type": "multipart/form-data; boundary=y" } };
  const unbounded = { body: "x", headers: { "Content-Type": "multipart/form-data" } };
  for (const sent of [{ body: withFile }, { body: withMany }, broken, unbounded]) {
    expect(await request("POST", "/tariffs", { token, ...sent })).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  }
  const withLong = new FormData();
  withLong.set("name", "x".repeat(20_000));
  expect(await request("POST", "/tariffs", { token, body: withLong })).toMatchObject(refusal(413, "VALIDATION_ERROR"));
  expect((await tariffs.list()).total).toBe(3);
});

it("SQL and HTML are stored and shown as text", async () => {
  const { request, tariffs } = await openShop();
  for (const text of [`'; DROP TABLE payment; --`, `" OR ""="`, "<img src=x onerror=alert(1)>", "{{7*7}}", "%s%n"]) {
    const json = { user_id: "user123", tariff_id: 1, amount: 10_000, description: text };
    const headers = { "Idempotency-Key": text };
    expect((await request("POST", "/payme/create-payment", { json, headers })).status, text).toBe(200);
  }
  expect((await tariffs.payments.statistics()).total).toBe(5);
});

it.each([
  ["GET", "/nowhere"],
  ["POST", "/"],
  ["PATCH", "/tariffs/1"],
  ["DELETE", "/tariffs"],
  ["GET", "/payme/create-payment"],
  ["GET", "/payme/webhook"],
  ["GET", "/payme/merchant"],
  ["GET", "/.env"],
  ["GET", "/../../package.json"],
  ["GET", "/..%2f..%2fpackage.json"],
  ["GET", "/demo/token"],
])("%s %s is no route", async (method, path) => {
  const { request } = await openShop();
  expect(await request(method, path)).toMatchObject(refusal(404, "NOT_FOUND"));
});

it("an address that is wrongly encoded is answered with 400", async () => {
  const { request } = await openShop();
  for (const path of ["/payme/check-status/%ZZ", "/tariffs/%c3%28"]) {
    expect(await request("GET", path), path).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  }
});

it("bytes that are not HTTP harm nothing", async () => {
  const { url, request } = await openShop();
  const { hostname, port } = new URL(url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end("\x16\x03\x01 not http\r\n\r\n"));
    socket
      .on("close", () => resolve())
      .on("error", () => {})
      .resume();
  });
  expect((await request("GET", "/health")).status).toBe(200);
});

/** A storage of which one verb fails. */
function failing(error: Error) {
  const storage = memoryStorage();
  const fail = () => Promise.reject(error);
  return Object.assign(storage, { findPayment: fail, paymentStatistics: fail });
}

/** An SQLite storage; once `lose` is called, its file cannot be read any more. */
function losingFile() {
  let isLost = false;
  const lose = () => {
    isLost = true;
  };
  function tried<Result>(work: () => Result): Result {
    if (isLost) throw Object.assign(new Error("disk I/O error in /secret/path"), { code: "SQLITE_IOERR" });
    return work();
  }
  const open = (file: string): SqliteDatabase => {
    const database: SqliteDatabase = new Database(file);
    return {
      get inTransaction() {
        return database.inTransaction;
      },
      prepare(sql) {
        const statement = database.prepare(sql);
        return {
          run: (...params: unknown[]) => tried(() => statement.run(...params)),
          get: (...params: unknown[]) => tried(() => statement.get(...params)),
          all: (...params: unknown[]) => tried(() => statement.all(...params)),
        };
      },
      exec: (sql) => tried(() => database.exec(sql)),
      close: () => database.close(),
    };
  };
  return { storage: sqliteStorage({ file: ":memory:", open }), lose };
}

it("a database that is away is answered with 503", async () => {
  const { storage, lose } = losingFile();
  for (const away of [failing(new PaymeStorageError("STORAGE_BUSY", "too many writers")), storage]) {
    const { request, adminToken: token } = await openShop({ storage: away });
    if (away === storage) lose();
    for (const path of ["/payme/statistics", "/payme/check-status/x", "/health"]) {
      const answer = await request("GET", path, { token });
      expect(answer, path).toMatchObject(refusal(503, "INTERNAL_ERROR"));
      expect(answer.text).not.toMatch(/secret|writers/);
    }
  }
});

it("an unexpected error is answered with 500 and an id that the log has as well", async () => {
  const storage = failing(new Error("planted inside /srv/wedy/app.ts"));
  const { request, adminToken: token, lines } = await openShop({ storage, newId: () => "error-id-1" });
  const answer = await request("GET", "/payme/statistics", { token });
  expect(answer).toMatchObject(refusal(500, "INTERNAL_ERROR"));
  expect(answer.body.message).toContain("error-id-1");
  expect(answer.text).not.toMatch(/planted|app\.ts|at /);
  expect(lines.some((line) => line.includes("error-id-1") && line.includes("planted inside"))).toBe(true);
});
