import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/worker.md"), "utf8");
const SECRET = "a-secret-of-the-cron-route-of-43-characters";

/** The route as the page prints it, with a worker whose jobs end like this. */
async function openRoute(...statuses: string[]): Promise<(authorization?: string) => Promise<Response>> {
  const [code] = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block).slice(-1);
  const reports = JSON.stringify(statuses.map((status) => ({ status })));
  const worker = `const worker = { runOnce: async ({ budgetMs }) => ${reports}.map((each) => ({ ...each, budgetMs })) };`;
  const { outputText } = ts.transpileModule(code ?? "", {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const folder = mkdtempSync(join(tmpdir(), "payme-kit-cron-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "route.mjs");
  writeFileSync(file, `${worker}\n${outputText}`);
  const { GET } = await import(pathToFileURL(file).href);
  return (authorization) =>
    GET(new Request("https://shop.example.uz/api", { headers: authorization === undefined ? {} : { authorization } }));
}

describe("the cron route of the docs", () => {
  afterEach(() => {
    delete process.env.CRON_SECRET;
  });

  it.each([
    ["done", "done", 200],
    ["done", "out_of_time", 200],
    ["failed", "done", 500],
  ])("with the secret runs the worker, whose jobs ended as %s and %s: %i", async (first, second, status) => {
    process.env.CRON_SECRET = SECRET;
    const answer = await (await openRoute(first, second))(`Bearer ${SECRET}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual([
      { status: first, budgetMs: 20_000 },
      { status: second, budgetMs: 20_000 },
    ]);
  });

  it.each([undefined, "", "Bearer ", SECRET, `Bearer ${SECRET}x`, `Basic ${SECRET}`, "Bearer undefined"])(
    "with %s is refused",
    async (authorization) => {
      process.env.CRON_SECRET = SECRET;
      expect((await (await openRoute("done"))(authorization)).status).toBe(401);
    },
  );

  it.each(["", undefined])("refuses everybody where CRON_SECRET is %s", async (secret) => {
    if (secret !== undefined) process.env.CRON_SECRET = secret;
    for (const authorization of ["Bearer ", "Bearer", "Bearer undefined", ""]) {
      expect((await (await openRoute("done"))(authorization)).status).toBe(401);
    }
  });
});
