import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { certify, createMockPayme } from "../../src/entry/testing";
import { som } from "../../src/kit/money";
import { databaseUrl, hasPostgres, openPool } from "../postgres/database";
import { freePort } from "../wedy/started";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/another-language.md"), "utf8");
const KEY = "the-key-of-an-example-0123456789abcd";
const MERCHANT_ID = "587f72c72cac0d162c722ae2";
const PYTHONS = ["python3", "/usr/bin/python3"];
const python = PYTHONS.find((each) => spawnSync(each, ["-c", "import fastapi, psycopg, uvicorn"]).status === 0);
const hasNginx = spawnSync("nginx", ["-v"]).status === 0;
/** CI has them all, and fails without them. */
const isWanted = process.env.REQUIRE_POSTGRES === "1" || (hasPostgres && python !== undefined && hasNginx);

/** The page's blocks of a language, in their order. */
function blocksOf(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
}
const block = (language: string, index = 0) => {
  const code = blocksOf(language)[index];
  if (code === undefined) throw new Error(`the page has no ${language} block ${index}`);
  return code;
};

/** Waits until `url` answers, whatever it answers. */
async function answers(url: string, output: () => string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer: ${output()}`);
}

/** Ends what it started when the test is over. */
function startProcess(command: string, parameters: readonly string[], env: Record<string, string>, cwd: string) {
  const child: ChildProcess = spawn(command, parameters, { cwd, env: { ...process.env, ...env }, stdio: "pipe" });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += String(chunk)));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(5_000, undefined, { ref: false }).then(() => child.kill("SIGKILL"))]);
    await ended;
    return child.exitCode;
  };
  onTestFinished(() => void stop());
  return { output: () => text, stop };
}

const orderSchema = z.object({ id: z.string(), link: z.string() });

async function openAll() {
  mkdirSync(join(root, "test/docs/.snippets"), { recursive: true });
  const folder = mkdtempSync(join(root, "test/docs/.snippets/beside-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const url = new URL(await databaseUrl());
  const pool = openPool(url.href, { max: 2 });
  onTestFinished(() => pool.end());

  // The page's tables, then its role, with another password and in this database.
  const role = `payme_node_${process.pid}`;
  await pool.query(block("sql", 0));
  await pool.query(
    block("sql", 1)
      .replaceAll("payme_node", role)
      .replace("'choose one'", "'a-password'")
      .replace("DATABASE shop", `DATABASE "${url.pathname.slice(1)}"`),
  );
  onTestFinished(async () => {
    await pool.query(`DROP OWNED BY ${role} CASCADE`);
    await pool.query(`DROP ROLE ${role}`);
  });
  const asNode = new URL(url);
  asNode.username = role;
  asNode.password = "a-password";

  const [nodePort, backendPort, nginxPort] = [await freePort(), await freePort(), await freePort()];
  const endpoint = `http://127.0.0.1:${nginxPort}/payme`;

  writeFileSync(join(folder, "payme_link.py"), block("python"));
  const backend = startProcess(
    python ?? "python3",
    [
      "-m",
      "uvicorn",
      "--app-dir",
      join(root, "test/docs/another-language"),
      "--port",
      String(backendPort),
      "backend:app",
    ],
    {
      DATABASE_URL: url.href,
      PAYME_MERCHANT_ID: MERCHANT_ID,
      PAYME_LINK: join(folder, "payme_link.py"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
    folder,
  );

  writeFileSync(join(folder, "payme.ts"), block("ts"));
  const node = startProcess(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), join(folder, "payme.ts")],
    {
      DATABASE_URL: asNode.href,
      PAYME_MERCHANT_KEY: KEY,
      PORT: String(nodePort),
      TSX_TSCONFIG_PATH: join(root, "tsconfig.json"),
    },
    folder,
  );

  const server = block("nginx")
    .replace("127.0.0.1:3000", `127.0.0.1:${nodePort}`)
    .replace("127.0.0.1:8000", `127.0.0.1:${backendPort}`)
    .replace("listen 443 ssl;", `listen 127.0.0.1:${nginxPort};`)
    .replace(/^ *ssl_certificate.*\n/gm, "");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder};`);
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; pid ${folder}/nginx.pid; error_log stderr; events {}\nhttp { access_log off; ${temporary.join(" ")}\n${server}}`,
  );
  const nginx = startProcess("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], {}, folder);

  const output = () => [node, backend, nginx].map((each) => each.output()).join("\n");
  await answers(`http://127.0.0.1:${nodePort}/`, output);
  await answers(`http://127.0.0.1:${backendPort}/health`, output);
  await answers(endpoint, output);

  const site = `http://127.0.0.1:${nginxPort}`;
  const json = async (path: string, body?: object): Promise<unknown> => {
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(site + path, body === undefined ? {} : init);
    if (!response.ok) throw new Error(`${path}: ${response.status}\n${output()}`);
    return response.json();
  };
  return {
    payme: createMockPayme().merchant({ endpoint, key: KEY }),
    endpoint,
    node,
    pool,
    output,
    json,
    newOrder: async (amount: string) => orderSchema.parse(await json("/orders", { amount })),
  };
}

describe.skipIf(!isWanted)("a FastAPI backend, nginx and payme.ts, as the page prints them", () => {
  beforeAll(() => {
    expect({ python: python !== undefined, hasNginx, hasPostgres }).toEqual({
      python: true,
      hasNginx: true,
      hasPostgres: true,
    });
  });

  it("sell, refund, keep a cancelled order, and are certified", { timeout: 120_000 }, async () => {
    const { payme, endpoint, json, newOrder, node, pool, output } = await openAll();

    const order = await newOrder("50000.10");
    const [, parts = ""] = order.link.split("https://checkout.paycom.uz/");
    expect(Buffer.from(parts, "base64").toString()).toBe(`m=${MERCHANT_ID};ac.order_id=${order.id};a=5000010`);
    const payment = { account: { order_id: order.id.toUpperCase() }, amount: som("50000.10") };
    expect(await payme.pay(payment), output()).toMatchObject({ outcome: "paid" });
    const [{ id } = { id: "" }] = payme.transactions();
    expect(await json(`/orders/${order.id}`)).toEqual({ status: "paid", is_dated: true, payme_id: id });
    await expect.poll(() => json("/health")).toEqual({ heard: [order.id] });

    expect(await payme.cancel(id, { reason: 5 })).toMatchObject({ outcome: "result", result: { state: -2 } });
    expect(await json(`/orders/${order.id}`)).toMatchObject({ status: "refunded" });

    const other = await newOrder("1000");
    const created = await payme.create({ account: { order_id: other.id }, amount: som(1_000) });
    expect(await json(`/orders/${other.id}/cancel`, {})).toEqual({ cancelled: true });
    expect(await payme.perform(created.id)).toMatchObject({ outcome: "refused", code: -31008 });
    expect(await json(`/orders/${other.id}`)).toMatchObject({ status: "cancelled" });
    expect(payme.disagreements).toEqual([]);

    const certified = await certify({
      api: endpoint,
      key: KEY,
      newOrder: async () => ({ account: { order_id: (await newOrder("50000")).id }, amount: som(50_000) }),
    });
    expect(certified.checks.filter(({ status }) => status === "failed" || status === "warned")).toEqual([]);
    expect(certified.passed).toBeGreaterThan(80);

    // "Back" on the page: what an old endpoint needs of the transactions that came meanwhile.
    const { rows } = await pool.query(block("sql", 3));
    expect(rows).toContainEqual(expect.objectContaining({ payme_id: id, state: -2, reference: order.id, reason: "5" }));
    expect(await node.stop()).toBe(0);
  });
});

it("the block for Docker gives the variables that payme.ts reads, and no others", () => {
  const given = [...block("yaml").matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name);
  const read = /const \{ (.*) \} = process\.env/.exec(block("ts"))?.[1]?.match(/[A-Z_]{2,}/g) ?? [];
  expect(read).toEqual(expect.arrayContaining(given));
  expect(given).toEqual(expect.arrayContaining(["DATABASE_URL", "PAYME_MERCHANT_KEY", "HOST"]));
});
