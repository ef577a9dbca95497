import { afterEach, describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/testing/mock/faults";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";
import { API_CARD, openMock } from "./kit";

const PAGE = "https://shop.example";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What a browser does for a page of another origin: it asks first, and shows the answer only where it may. Source: the Fetch standard. */
async function fromPage(fetch: typeof globalThis.fetch, url: string, headers: Record<string, string>, body: string) {
  const asked = Object.keys(headers).map((name) => name.toLowerCase());
  const preflight = await fetch(url, {
    method: "OPTIONS",
    headers: {
      Origin: PAGE,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": asked.join(","),
    },
  });
  const list = (name: string) => (preflight.headers.get(name) ?? "").toLowerCase().split(/\s*,\s*/);
  const isAllowed = ["*", PAGE].includes(preflight.headers.get("access-control-allow-origin") ?? "");
  if (!preflight.ok || !isAllowed) throw new TypeError("blocked: the preflight");
  const refused = asked.find((name) => !list("access-control-allow-headers").includes(name));
  if (refused !== undefined) throw new TypeError(`blocked: ${refused}`);
  const answer = await fetch(url, { method: "POST", headers: { ...headers, Origin: PAGE }, body });
  if (!["*", PAGE].includes(answer.headers.get("access-control-allow-origin") ?? "")) {
    throw new TypeError("blocked: the answer");
  }
  return answer;
}

const creation = JSON.stringify({ id: 1, method: "cards.create", params: { card: API_CARD } });
const headersOf = ({ merchantId }: MockPayme) => ({
  "X-Auth": merchantId,
  "Content-Type": "application/json",
  "Cache-Control": "no-cache",
});

describe("a page of another origin", () => {
  it("gives a card to the mock, with the cashbox's id alone", async () => {
    const { mock } = openMock();
    const answer = await fromPage(mock.fetch, "https://checkout.test.paycom.uz/api", headersOf(mock), creation);
    expect(await answer.json()).toMatchObject({ id: 1, result: { card: { verify: false } } });
  });

  it("the same over HTTP", async () => {
    const { mock } = openMock();
    const { url, close } = await mock.listen();
    closing.push(close);
    const answer = await fromPage(globalThis.fetch, `${url}/api`, headersOf(mock), creation);
    expect(await answer.json()).toMatchObject({ result: { card: { verify: false } } });
  });

  it("reads refusals, too", async () => {
    const { mock } = openMock();
    const answer = await fromPage(mock.fetch, "https://mock/api", { "X-Auth": "nobody" }, creation);
    expect(await answer.json()).toMatchObject({ error: { code: -32504 } });
  });

  it.each<FaultRule>([
    { kind: "http_status", status: 502 },
    { kind: "malformed" },
    { kind: "rpc_error", code: -31001 },
  ])("reads what a fault of kind $kind makes of the answer", async (fault) => {
    const { mock } = openMock();
    mock.faults.add(fault);
    const answer = await fromPage(mock.fetch, "https://mock/api", headersOf(mock), creation);
    expect(answer.status).toBe(fault.kind === "http_status" ? 502 : 200);
  });

  it("its question takes no fault's turn, is no call, and has no body", async () => {
    const { mock } = openMock();
    mock.faults.add({ kind: "http_status", status: 502 });
    const answer = await mock.fetch("https://mock/api", { method: "OPTIONS" });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect([mock.exchanges, mock.faults.list()[0]?.matched]).toEqual([[], 0]);
  });

  it("may not send headers that Payme's API does not have", async () => {
    const { mock } = openMock();
    await expect(fromPage(mock.fetch, "https://mock/api", { "X-Other": "1" }, creation)).rejects.toThrow("x-other");
  });

  it("may not read the payment page", async () => {
    const { mock } = openMock();
    const page = await mock.fetch(`https://mock/${"0".repeat(24)}`, { headers: { Origin: PAGE } });
    expect(page.headers.get("access-control-allow-origin")).toBeNull();
  });
});
