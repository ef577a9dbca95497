import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMerchantApi, type EventListener, memoryStorage, type PaymeEvent, refuse } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { som } from "../../src/kit/money";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";

const root = resolve(import.meta.dirname, "../..");
const KEY = "live-key-of-36-characters-0123456789";
const exporter = new InMemorySpanExporter();
let toSpan: EventListener<PaymeEvent>;
let folder = "";

/** The page's own block, word for word, in a file of its own. */
beforeAll(async () => {
  const [, section = ""] = readFileSync(join(root, "docs/events.md"), "utf8").split("## OpenTelemetry");
  const [, code = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const workshop = join(root, "test/docs/.snippets");
  mkdirSync(workshop, { recursive: true });
  folder = mkdtempSync(join(workshop, "otel-"));
  writeFileSync(join(folder, "spans.ts"), code);
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  ({ toSpan } = await import(join(folder, "spans.ts")));
});
afterAll(() => {
  trace.disable();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => exporter.reset());

/** The finished spans, as a person would read them. */
const spans = () =>
  exporter.getFinishedSpans().map(({ name, kind, status, attributes }) => ({
    name,
    kind: SpanKind[kind],
    failed: status.code === SpanStatusCode.ERROR,
    ...attributes,
  }));

const rpc = (method: string) => ({ "rpc.system.name": "jsonrpc", "rpc.method": method });

describe("the OpenTelemetry recipe", () => {
  it("makes a SERVER span of each call of Payme: a refusal fails none, -32400 does", async () => {
    const merchant = createMerchantApi({
      storage: memoryStorage(),
      key: KEY,
      account: { order_id: "integer" },
      find({ order_id }) {
        if (order_id === 13) throw new Error("the table is away");
        return order_id === 1 ? { reference: 1, amount: som(500) } : refuse.notFound("order_id");
      },
      onPaid: () => true,
      onEvent: toSpan,
      logger: { info() {}, warn() {}, error() {} },
    });
    const call = (method: string, params: object, key = KEY) => {
      const headers = { authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}` };
      return merchant.handle({ method: "POST", headers, body: { method, params, id: 1 } });
    };
    const check = (order_id: number, key?: string) =>
      call("CheckPerformTransaction", { amount: som(500), account: { order_id } }, key);
    await check(1);
    await check(2);
    await check(13);
    await check(1, "a wrong key of 36 characters, too 01");
    await call("Steal", {});
    const name = "CheckPerformTransaction";
    expect(spans()).toEqual([
      { name, kind: "SERVER", failed: false, ...rpc(name) },
      { name, kind: "SERVER", failed: false, ...rpc(name), "rpc.response.status_code": "-31050" },
      {
        name,
        kind: "SERVER",
        failed: true,
        ...rpc(name),
        "rpc.response.status_code": "-32400",
        "error.type": "-32400",
      },
      { name: "jsonrpc", kind: "SERVER", failed: false, ...rpc("_OTHER"), "rpc.response.status_code": "-32504" },
      { name: "jsonrpc", kind: "SERVER", failed: false, ...rpc("_OTHER"), "rpc.response.status_code": "-32601" },
    ]);
  });

  it("makes a CLIENT span of each call to Payme, as long as the call, and fails it with what came", async () => {
    const mock = createMockPayme();
    const { merchantId, key } = mock;
    let isGone = false;
    let now = 1_700_000_000_000;
    const fetch: typeof globalThis.fetch = async (...args) => {
      now += 250;
      if (isGone)
        throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) });
      return mock.fetch(...args);
    };
    const client = createPaymeClient({
      merchantId,
      key,
      mode: "test",
      fetch,
      retries: 0,
      now: () => now,
      onEvent: toSpan,
    });
    const { _id: id } = await client.receipts.create({ amount: som(500), account: { order_id: "1" } });
    await client.receipts.check("0".repeat(24)).catch(() => {});
    isGone = true;
    await client.receipts.check(id).catch(() => {});
    expect(spans()).toEqual([
      { name: "receipts.create", kind: "CLIENT", failed: false, ...rpc("receipts.create") },
      {
        name: "receipts.check",
        kind: "CLIENT",
        failed: true,
        ...rpc("receipts.check"),
        "rpc.response.status_code": "-31602",
        "error.type": "-31602",
      },
      { name: "receipts.check", kind: "CLIENT", failed: true, ...rpc("receipts.check"), "error.type": "unreachable" },
    ]);
    const [first] = exporter.getFinishedSpans();
    expect(first?.startTime).toEqual([1_700_000_000, 0]);
    expect(first?.duration).toEqual([0, 250_000_000]);
  });

  it("makes nothing of other events", () => {
    toSpan({ kind: "storage.busy", at: 1, dialect: "sqlite", ms: 1, code: null });
    expect(spans()).toEqual([]);
  });
});
