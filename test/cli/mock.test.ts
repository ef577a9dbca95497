import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkoutUrl } from "../../src/entry/checkout";
import { createPaymeClient, paymeConfigFromEnv } from "../../src/entry/client";
import { fetchMerchant } from "../../src/entry/fetch";
import { som } from "../../src/kit/money";
import { ExitCode } from "../../src/tools/cli/io";
import { runCli } from "../../src/tools/cli/run-cli";
import { createShop, KEY } from "../merchant/shop";
import { cli, SILENT } from "./kit";

const CARD = { number: "8600495473316478", expire: "0399" };

/** Runs `payme-kit mock` until `use` is done with it. */
async function mocked(
  args: readonly string[],
  use: (of: { url: string; text: () => string; env: Record<string, string> }) => Promise<unknown>,
  given: { env?: Record<string, string>; stdin?: string } = {},
) {
  const lines: string[] = [];
  let interrupt = () => {};
  const ended = runCli(["mock", "--port", "0", ...args], {
    ...SILENT,
    env: given.env ?? {},
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(line),
    readStdin: async () => given.stdin ?? "",
    onInterrupt(stop) {
      interrupt = stop;
      return () => {};
    },
  });
  const text = () => lines.join("\n");
  const introduced = async () => {
    while (!text().includes("To try it")) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await Promise.race([introduced(), ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${text()}`)))]);
  const env = Object.fromEntries(
    [...text().matchAll(/^(PAYME_\w+)='?([^'\n]*)'?$/gm)].map(([, name, value]) => [name, value]),
  );
  try {
    await use({ url: /is at (\S+)\. /.exec(text())?.[1] ?? "", text, env });
  } finally {
    interrupt();
  }
  return { code: await ended, text: text() };
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "payme-kit-mock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Saves a card and charges it. */
async function charge(client: ReturnType<typeof createPaymeClient>) {
  const { token } = await client.cards.create({ ...CARD, save: true });
  await client.cards.verify({ token, code: "666666" });
  const { _id: receiptId } = await client.receipts.create({ amount: som(5_000), account: { order_id: 197 } });
  return client.pay({ receiptId, token });
}

describe("payme-kit mock", () => {
  it("prints settings with which a client works as they stand, and ends when it is told to", async () => {
    const { code } = await mocked([], async ({ env, url, text }) => {
      expect(text()).toContain(`${url}/console`);
      const client = createPaymeClient(paymeConfigFromEnv(env));
      expect(await charge(client)).toMatchObject({ status: "paid" });
      const signed = createPaymeClient(paymeConfigFromEnv({ ...env, PAYME_AUTH: "signature" }));
      expect(await charge(signed)).toMatchObject({ status: "paid" });
    });
    expect(code).toBe(ExitCode.OK);
  });

  it("the curl that it prints is one that works", async () => {
    await mocked([], async ({ text }) => {
      const [, url, xAuth, body] = /curl -s (\S+) -H 'X-Auth: ([^']+)' \\\n {2}-d '([^']+)'/.exec(text()) ?? [];
      const answer = await fetch(url ?? "", { method: "POST", headers: { "X-Auth": xAuth ?? "" }, body: body ?? "" });
      expect(await answer.json()).toMatchObject({ result: { receipt: { state: 0, amount: 500_000 } } });
    });
  });

  it("makes a key of its own each time, and the same one from a seed", async () => {
    const keyOf = async (...args: string[]) => {
      let key: string | undefined;
      await mocked(args, async ({ env }) => {
        key = env.PAYME_SECRET_KEY;
      });
      return key;
    };
    expect(await keyOf()).not.toBe(await keyOf());
    expect(await keyOf("--seed", "7")).toBe(await keyOf("--seed", "7"));
  });

  it("--log tells each call in a line, and nothing of what it carried", async () => {
    const { text } = await mocked(["--log"], async ({ env }) => charge(createPaymeClient(paymeConfigFromEnv(env))));
    expect(text).toMatch(/-> cards\.create {2}ok {2}\d+ ms/);
    expect(text).toMatch(/-> receipts\.pay {2}ok/);
    expect(text).not.toMatch(/8600495473316478|"token"/);
  });

  it("--notify sends the guide's notifications there", async () => {
    const { serve } = await import("../../src/tools/mock-server/server");
    const bodies: string[] = [];
    const shop = await serve(async (request) => {
      bodies.push(await request.text());
      return Response.json({ result: "ok" });
    });
    onTestFinished(shop.close);
    await mocked(["--notify", `${shop.url}/payme/webhook`], async ({ env }) => {
      await charge(createPaymeClient(paymeConfigFromEnv(env)));
      while (bodies.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    expect(bodies[0]).toContain('"method":"receipts.pay"');
  });

  it.each([
    ["from PAYME_MERCHANT_KEY", { env: { PAYME_MERCHANT_KEY: KEY } }, []],
    ["from standard input", { stdin: `${KEY}\n` }, ["--key-stdin"]],
  ])("--merchant-endpoint pays checkout links through it, with the key %s", async (_way, given, flags) => {
    const { serve } = await import("../../src/tools/mock-server/server");
    const shop = createShop({ now: () => Date.now() });
    await shop.ready;
    const endpoint = await serve((request) => fetchMerchant(shop.merchant)(request));
    onTestFinished(endpoint.close);
    await mocked(
      ["--merchant-endpoint", endpoint.url, ...flags],
      async ({ url, env }) => {
        // As printed: what is pasted into .env makes links that can be paid, and receipts.
        const { merchantId } = paymeConfigFromEnv(env);
        const client = createPaymeClient(paymeConfigFromEnv(env));
        const receipt = await client.receipts.create({ amount: som(50_000), account: { order_id: 1 } });
        expect(receipt).toMatchObject({ state: 0 });
        const link = checkoutUrl({ merchantId, account: { order_id: 1 }, amount: som(50_000), host: url });
        const page = await fetch(link);
        const form = new URLSearchParams({ number: CARD.number, expire: "03/99", cvv: "", action: "pay" });
        const paid = await fetch(page.url, { method: "POST", body: form });
        expect([page.status, paid.status]).toEqual([200, 200]);
      },
      given,
    );
    expect(await shop.order(1)).toMatchObject({ status: "paid", fulfilled: 1 });
  });
});

describe("payme-kit mock --keep", () => {
  it("goes on with key and books, in a file that only its owner reads", async () => {
    const file = join(temporary(), "mock.json");
    const ids: string[] = [];
    await mocked(["--keep", file], async ({ env }) => {
      const outcome = await charge(createPaymeClient(paymeConfigFromEnv(env)));
      ids.push(outcome.receiptId ?? "");
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { text } = await mocked(["--keep", file], async ({ env }) => {
      const client = createPaymeClient(paymeConfigFromEnv(env));
      expect(await client.receipts.check(ids[0] ?? "")).toEqual({ state: 4 });
      const outcome = await charge(client);
      expect(outcome).toMatchObject({ status: "paid" });
      expect(outcome.receiptId).not.toBe(ids[0]);
    });
    expect(text).toContain(file);
  });

  it("is written while it runs: a mock that is killed has lost a moment", async () => {
    const file = join(temporary(), "mock.json");
    await mocked(["--keep", file], async ({ env }) => {
      const { receiptId } = await charge(createPaymeClient(paymeConfigFromEnv(env)));
      await expect.poll(() => readFileSync(file, "utf8"), { timeout: 20_000 }).toContain(receiptId);
    });
  });

  it("keeps nothing unless it is asked to", async () => {
    const before = readdirSync(process.cwd());
    await mocked([], async ({ env }) => charge(createPaymeClient(paymeConfigFromEnv(env))));
    expect(readdirSync(process.cwd())).toEqual(before);
  });

  it.each([
    ["no JSON", "{"],
    ["another file", '{"name":"shop"}'],
    ["books of another form", '{"keptBy":"payme-kit mock","keys":{},"books":{"version":99}}'],
  ])("refuses %s, and leaves it alone", async (_name, content) => {
    const file = join(temporary(), "shop.json");
    writeFileSync(file, content);
    const { code, err } = await cli(["mock", "--port", "0", "--keep", file]);
    expect(code).toBe(ExitCode.UNUSABLE);
    expect(err).toMatch(/is not a file of payme-kit mock|not a snapshot/);
    expect(readFileSync(file, "utf8")).toBe(content);
  });

  it("refuses a file that cannot be written, before it says that it runs", async () => {
    const { code, err, out } = await cli([
      "mock",
      "--port",
      "0",
      "--keep",
      join(temporary(), "no", "such", "folder.json"),
    ]);
    expect([code, out]).toEqual([ExitCode.UNUSABLE, ""]);
    expect(err).toContain("ENOENT");
  });
});

describe("payme-kit mock cannot run", () => {
  it("on a port that is taken, and says what to do", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    onTestFinished(() => void holder.close());
    const address = holder.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code, err } = await cli(["mock", "--port", String(port)]);
    expect(code).toBe(ExitCode.UNUSABLE);
    expect(err).toContain("EADDRINUSE");
    expect(err).toContain("--port 0");
  });

  it.each([
    [["--host", "0.0.0.0"], /--yes/],
    [["--port", "99999"], /--port/],
    [["--port", "x"], /--port/],
    [["--seed", "-1"], /--seed/],
    [["--notify", "ftp://shop"], /--notify/],
    [["--merchant-endpoint", "shop"], /--merchant-endpoint/],
    [["--merchant-endpoint", "http://127.0.0.1:1", "--key-stdin"], /no key on standard input/],
  ])("%j", async (args, message) => {
    const { code, err } = await cli(["mock", "--port", "0", ...args]);
    expect(code).toBe(ExitCode.UNUSABLE);
    expect(err).toMatch(message);
  });
});
