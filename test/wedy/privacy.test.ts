import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createMockPayme } from "payme-kit/testing";
import { expect, it } from "vitest";
import { openDemoFiles } from "../../examples/express-wedy/src/demo-files";
import { openLogs } from "../../examples/express-wedy/src/logging";
import { openBooks } from "../../examples/express-wedy/src/open-books";
import { SEAL_KEYS } from "./saved-card";
import { openShop } from "./shop";
import { temporaryFolder } from "./started";

const logger = { info() {}, warn() {}, error() {} };
const PROXY_LINE = "X-Forwarded-For, and TRUST_PROXY is 0";

it("no cache keeps what the API answers, a refusal neither", async () => {
  const { request, buy, notify, adminToken: token } = await openShop({ sealKeys: SEAL_KEYS });
  const id = await buy(2);
  const answers = {
    "a payment": await request("GET", `/payme/check-status/${id}`),
    statistics: await request("GET", "/payme/statistics", { token }),
    "a user": await request("GET", "/users/me"),
    tariffs: await request("GET", "/tariffs"),
    "a purchase": await request("POST", "/tariffs/1/purchase"),
    "no token": await request("GET", "/users/me", { token: null }),
    "too large": await request("POST", "/payme/create-payment", { body: "x".repeat(70_000) }),
    "another's payment": await request("GET", "/payme/check-status/unknown"),
    "a notification": await notify({ method: "receipts.send", params: {} }),
    "a subscription": await request("GET", "/users/me/subscription"),
    "a cancelled subscription": await request("DELETE", "/users/me/subscription"),
    "a subscription that is refused": await request("POST", "/tariffs/2/subscribe", { json: {} }),
    health: await request("GET", "/health"),
  };
  for (const [name, { headers }] of Object.entries(answers)) {
    expect(headers.get("cache-control"), name).toBe("no-store");
  }
  expect((await request("GET", "/page.js")).headers.get("cache-control")).toContain("max-age");
});

it.skipIf(process.platform === "win32")(
  "a new database and a new log are their owner's alone (not on Windows: it has no such modes)",
  async () => {
    const folder = temporaryFolder();
    const modeOf = (name: string) => (statSync(join(folder, name)).mode & 0o777).toString(8);
    const { storage, close } = openBooks({ file: join(folder, "wedy.db") }, logger);
    await storage.migrate();
    const logs = openLogs({ level: "info", file: join(folder, "app.log"), secrets: [], out: { write() {} } });
    logs.server.info("begun");
    openDemoFiles({ file: join(folder, "wedy.db") }).keep(createMockPayme())();
    const files = ["wedy.db", "wedy.db-wal", "wedy.db-shm", "app.log", "wedy.db.seal-key", "wedy.db.payme.json"];
    expect(new Set(files.map(modeOf))).toEqual(new Set(["600"]));
    logs.close();
    await close();
  },
);

it("a database that is there is opened as it is", async () => {
  const file = join(temporaryFolder(), "wedy.db");
  for (let start = 0; start < 2; start += 1) {
    const { storage, close } = openBooks({ file }, logger);
    await storage.migrate();
    await storage.appendEvents([{ cashbox: "default", mode: "test", kind: "kept", subject: "kept", at: start }]);
    const kept = await storage.listEvents({ cashbox: "default", mode: "test" }, { subject: "kept", limit: 9 });
    expect(kept).toHaveLength(start + 1);
    await close();
  }
  // Not made anew, and not made shorter.
  writeFileSync(file, "no database");
  expect(() => openBooks({ file }, logger)).toThrow();
  expect(readFileSync(file, "utf8")).toBe("no database");
});

it("a proxy that nobody trusts is warned about once, without the address that it tells", async () => {
  const shop = await openShop();
  const headers = { "X-Forwarded-For": "203.0.113.77" };
  await shop.request("GET", "/users/me");
  expect(shop.lines.join("\n")).not.toContain(PROXY_LINE);
  for (let n = 0; n < 3; n += 1) await shop.request("GET", "/users/me", { headers });
  expect(shop.lines.filter((line) => line.includes(PROXY_LINE))).toHaveLength(1);
  expect(shop.lines.join("\n")).not.toContain("203.0.113.77");

  const trusting = await openShop({ trustProxy: 1 });
  await trusting.request("GET", "/users/me", { headers });
  expect(trusting.lines.join("\n")).not.toContain(PROXY_LINE);
});

it("the Dockerfile builds and runs on a Node that is maintained, and that the package supports", () => {
  const dockerfile = readFileSync(join(import.meta.dirname, "../../examples/express-wedy/Dockerfile"), "utf8");
  const versions = [...dockerfile.matchAll(/^FROM node:(\d+)/gm)].map(([, version]) => Number(version));
  expect(versions).toHaveLength(2);
  for (const version of versions) expect([22, 24]).toContain(version);
});
