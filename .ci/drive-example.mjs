// Boots the example as the README says (`npm start`) and buys a tariff as a person would: one check a line.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_TIMEOUT_MS = 180_000;
const directory = mkdtempSync(join(tmpdir(), "wedy-"));
const [port, mockPort] = [await freePort(), await freePort()];
const url = `http://127.0.0.1:${port}`;
const passed = [];
const failed = [];

const npm = spawn("npm", ["start"], {
  stdio: ["ignore", "pipe", "inherit"],
  env: {
    ...process.env,
    PORT: String(port),
    MOCK_PORT: String(mockPort),
    DATABASE_URL: `file:${join(directory, "wedy.db")}`,
    LOG_FILE: join(directory, "app.log"),
  },
});
const exited = once(npm, "exit");
try {
  const greeting = await greetingOf(npm);
  const [user, admin] = [...greeting.matchAll(/^(eyJ\S+)$/gm)].map(([, token]) => token);
  const as = (token) => ({ Authorization: `Bearer ${token}` });

  await check("npm start says at most 40 lines", async () => greeting.split("\n").filter(Boolean).length <= 40);
  await check("the server is healthy", async () => (await fetch(`${url}/health`)).status === 200);
  const created = await check("an admin makes a tariff by form data", async () => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ name: "Test Tariff", price: "1000", duration_days: "7" }))
      body.set(name, value);
    const response = await fetch(`${url}/tariffs`, { method: "POST", headers: as(admin), body });
    return response.status === 200 && (await response.json()).tariff;
  });
  const purchase = await check("a user buys it", async () => {
    const response = await fetch(`${url}/tariffs/${created.id}/purchase`, { method: "POST", headers: as(user) });
    const answer = await response.json();
    return response.status === 200 && answer.success && answer;
  });
  await check("the payment page takes the guide's test card", async () => {
    const body = new URLSearchParams({ number: "8600 1234 5678 9012", expire: "12/39", cvv: "123", action: "pay" });
    const response = await fetch(purchase.payment_url, { method: "POST", body });
    return response.status === 200 && /class="good"/.test(await response.text());
  });
  await check("the tariff is active", async () => {
    const me = await (await fetch(`${url}/users/me`, { headers: as(user) })).json();
    return me.tariff_id === created.id && me.tariff_expires_at !== null;
  });
  await check("the payment is PAID, in tiyin", async () => {
    const status = await (
      await fetch(`${url}/payme/check-status/${purchase.transaction_id}`, { headers: as(user) })
    ).json();
    return status.status === "PAID" && status.amount === 100_000;
  });
  await check("the statistics count it", async () => {
    const statistics = await (await fetch(`${url}/payme/statistics`, { headers: as(admin) })).json();
    return statistics.successful_payments === 1 && statistics.processed_webhooks === 1;
  });
  await check("SIGTERM ends it well", async () => {
    // To the server itself: npm, told to stop, exits with a code of its own.
    const server = serverBelow(npm.pid);
    process.kill(server, "SIGTERM");
    const [code] = await exited;
    return code === 0;
  });
} catch (error) {
  console.error(error);
  failed.push("the drive");
} finally {
  if (npm.exitCode === null) npm.kill("SIGTERM");
  rmSync(directory, { recursive: true, force: true });
}
console.log(`example: ${passed.length} passed, ${failed.length} failed`);
if (process.argv[2]) {
  writeFileSync(process.argv[2], JSON.stringify({ numPassedTests: passed.length, numFailedTests: failed.length }));
}
process.exitCode = failed.length === 0 ? 0 : 1;

async function check(name, work) {
  const result = await work();
  (result ? passed : failed).push(name);
  console.log(`${result ? "ok  " : "FAIL"} ${name}`);
  if (!result) throw new Error(`failed: ${name}`);
  return result;
}

async function greetingOf(child) {
  let text = "";
  const timer = setTimeout(() => child.kill("SIGTERM"), START_TIMEOUT_MS);
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes("Ctrl-C stops it.")) break;
  }
  clearTimeout(timer);
  child.stdout.resume();
  if (!text.includes("Ctrl-C stops it.")) throw new Error(`npm start said:\n${text}`);
  return text;
}

/** The process at the end of `npm start`: npm, perhaps a shell, the server. */
function serverBelow(pid) {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return child ? serverBelow(Number(child)) : pid;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address();
  server.close();
  await once(server, "close");
  return free;
}
