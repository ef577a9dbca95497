import { once } from "node:events";
import { createServer } from "node:http";
import { signTestWebhook } from "payme-kit/testing";
import { expect, it, onTestFinished } from "vitest";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { freePort, printedToken, start, startInVain, temporaryFolder } from "./started";

const SECRET = "a-secret-for-a-server-in-a-process-of-its-own-0123";
const KEY = "a-key-of-thirty-six-characters-01234";

/** A Payme that answers each call with a new receipt, after a while. */
async function slowPayme(delayMs: number) {
  const asked: (() => void)[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += String(chunk);
    });
    request.on("end", () => {
      for (const tell of asked.splice(0)) tell();
      const { id, params } = JSON.parse(text);
      const receipt = { _id: "64f8a1b2c3d4e5f6a7b8c9d0", state: 0, amount: params.amount };
      setTimeout(() => response.end(JSON.stringify({ jsonrpc: "2.0", id, result: { receipt } })), delayMs);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked: new Promise<void>((resolve) => asked.push(resolve)) };
}

it("on SIGTERM the server finishes what it has begun, takes nothing new, and exits with 0", async () => {
  const payme = await slowPayme(1_000);
  const server = await start(temporaryFolder(), {
    PAYME_MERCHANT_ID: "65a0b0000000000000000001",
    PAYME_SECRET_KEY: KEY,
    PAYME_TEST_API_URL: payme.url,
    JWT_SECRET: SECRET,
  });
  expect(server.output()).not.toContain("token");
  const token = await signToken({ id: "admin", role: "admin" }, SECRET, 600);
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const tariff = JSON.stringify({ name: "Premium", price: 50_000, duration_days: 30 });
  await fetch(`${server.url}/tariffs`, { method: "POST", headers, body: tariff });
  const purchase = fetch(`${server.url}/tariffs/1/purchase`, { method: "POST", headers });
  await payme.asked;
  const stopped = server.stop();
  const answer = await purchase;
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ success: true, transaction_id: "64f8a1b2c3d4e5f6a7b8c9d0" });
  expect(await stopped).toBe(0);
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
});

it("a restart with other secrets keeps what was paid", async () => {
  const payme = await slowPayme(0);
  const folder = temporaryFolder();
  const env = {
    PAYME_MERCHANT_ID: "65a0b0000000000000000001",
    PAYME_SECRET_KEY: KEY,
    PAYME_TEST_API_URL: payme.url,
    JWT_SECRET: SECRET,
  };
  const token = await signToken({ id: "admin", role: "admin" }, SECRET, 600);
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const first = await start(folder, env);
  const tariff = JSON.stringify({ name: "Premium", price: 50_000, duration_days: 30 });
  await fetch(`${first.url}/tariffs`, { method: "POST", headers, body: tariff });
  await fetch(`${first.url}/tariffs/1/purchase`, { method: "POST", headers });
  const notification = signTestWebhook({ secret: KEY });
  const notified = await fetch(`${first.url}/payme/webhook`, { method: "POST", ...notification });
  expect(await notified.json()).toEqual({ result: "ok" });
  await first.stop("SIGKILL");
  const second = await start(folder, env);
  const me = await fetch(`${second.url}/users/me`, { headers });
  expect(await me.json()).toMatchObject({ id: "admin", tariff_id: 1 });
});

it("settings that cannot work end the start with one message and exit code 1", async () => {
  const { code, output } = await startInVain(temporaryFolder(), {
    PAYME_MERCHANT_ID: "65a0b0000000000000000001",
    PORT: "x",
  });
  expect(code).toBe(1);
  expect(output).toContain("- PAYME_SECRET_KEY is missing");
  expect(output).toContain("- JWT_SECRET is missing");
  expect(output).toContain("- PORT must be a whole number");
  expect(output).not.toContain("    at ");
});

it("a missing file ends the start, and the message names its variable", async () => {
  const folder = temporaryFolder();
  for (const [name, value] of [
    ["DATABASE_URL", "file:./no/such/folder/wedy.db"],
    ["LOG_FILE", "."],
  ] as const) {
    const ports = { PORT: String(await freePort()), MOCK_PORT: String(await freePort()) };
    const { code, output } = await startInVain(folder, { ...ports, [name]: value });
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^${name} cannot be used: [^\\n]+\\n$`));
  }
});

it("a port in use ends the start, and the message names its variable", async () => {
  const running = await start(temporaryFolder());
  const taken = { PORT: new URL(running.url).port, MOCK_PORT: String(await freePort()) };
  const { code, output } = await startInVain(temporaryFolder(), taken);
  expect(code).toBe(1);
  expect(output).toContain("set PORT or MOCK_PORT");
});

it("demo mode prints tokens that work, with commands to try", async () => {
  const server = await start(temporaryFolder());
  const admin = printedToken(server.output(), "Admin");
  const statistics = await fetch(`${server.url}/payme/statistics`, { headers: { Authorization: `Bearer ${admin}` } });
  expect(statistics.status).toBe(200);
  const user = printedToken(server.output(), "User");
  const tariffs = await fetch(`${server.url}/tariffs`, { headers: { Authorization: `Bearer ${user}` } });
  expect(await tariffs.json()).toMatchObject({ total: 3, tariffs: [{ id: 1, price: 50_000 }, {}, {}] });
  expect(server.output().match(/^curl /gm)).toHaveLength(3);
  expect(await server.stop("SIGINT")).toBe(0);
});

it.skipIf(process.platform === "win32")(
  "the server stops when the npm that started it is killed, and frees its port (not on Windows: it has no SIGTERM)",
  async () => {
    const server = await start(temporaryFolder(), {}, { underShell: true });
    server.process.kill("SIGTERM");
    await expect
      .poll(
        () =>
          fetch(`${server.url}/health`)
            .then(() => "up")
            .catch(() => "down"),
        { timeout: 5_000 },
      )
      .toBe("down");
  },
);
