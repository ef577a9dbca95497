import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { Random } from "../../src/testing/mock/random";
import { KEY, TEST_KEY } from "../merchant/shop";
import { authorization, basic, type Sent } from "./send";

const METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];
const TYPES = [
  ...["application/json", "text/json; charset=UTF-8", "application/json; charset=utf-16", "text/xml", "text/plain"],
  ...["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png", ";;;", "a/b/c", "*/*"],
];
const CALLS: Readonly<Record<string, Record<string, unknown>>> = {
  CheckPerformTransaction: { amount: 5_000_000, account: { order_id: 1 } },
  CreateTransaction: { id: "t1", time: Date.UTC(2026, 0, 15, 10), amount: 5_000_000, account: { order_id: 1 } },
  PerformTransaction: { id: "t1" },
  CancelTransaction: { id: "t1", reason: 3 },
  CheckTransaction: { id: "t1" },
  GetStatement: { from: 0, to: Date.UTC(2030, 0) },
  SetFiscalData: { id: "t1", type: "PERFORM", fiscal_data: { receipt_id: 1, status_code: 0 } },
  ChangePassword: { password: "x" },
};

/** Well-formed HTTP with whatever in it. */
export function createMalformedRequests(random: Random): { next(): Sent } {
  const below = (limit: number) => Math.floor(random() * limit);
  const chance = (share: number) => random() < share;
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256));
  /** Characters that a header may have: all of Latin-1 but controls. */
  const headerText = (length: number) =>
    Array.from({ length }, () => String.fromCharCode(chance(0.8) ? 0x20 + below(0x5f) : 0xa0 + below(0x60))).join("");

  function oneOf<Item>(items: readonly Item[]): Item {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError("there is nothing to choose from");
    return item;
  }

  function number(): number {
    return oneOf([0, -0, -1, 1.5, 1e21, -1e-7, 2 ** 53, -(2 ** 63), 2 ** 31, 1e308, below(1e6), Date.UTC(2026, 0, 15)]);
  }

  function text(): string {
    return oneOf([
      ...["", "t1", "t2", "1", "-1", "0x1", "1e3", " 1 ", "\u0000", "\ud800", "__proto__", "constructor", "ў", "💳"],
      ...["'; DROP TABLE payme_transaction; --", "<script>", "x".repeat(below(2_000)), headerText(below(40))],
    ]);
  }

  function json(depth = 0): unknown {
    const kind = below(depth > 3 ? 5 : 8);
    if (kind === 0) return null;
    if (kind === 1) return chance(0.5);
    if (kind === 2) return number();
    if (kind < 5) return text();
    if (kind === 5) return Array.from({ length: below(4) }, () => json(depth + 1));
    return Object.fromEntries(Array.from({ length: below(4) }, () => [text(), json(depth + 1)]));
  }

  /** A call as Payme makes it, with some of its members replaced, added or gone. */
  function mutatedCall(): Record<string, unknown> {
    const method = oneOf(Object.keys(CALLS));
    const params: Record<string, unknown> = { ...CALLS[method] };
    for (const name of Object.keys(params)) {
      if (chance(0.3)) params[name] = json();
      if (chance(0.1)) delete params[name];
    }
    if (chance(0.3)) params.account = { order_id: json() };
    if (chance(0.2)) params[text()] = json();
    const call: Record<string, unknown> = { jsonrpc: "2.0", method, params, id: below(1e6) };
    if (chance(0.3)) call[oneOf(Object.keys(call))] = json();
    if (chance(0.1)) delete call[oneOf(Object.keys(call))];
    return call;
  }

  function flipped(json: string): Uint8Array {
    const flipped = Buffer.from(json);
    for (let n = 0; n <= below(4); n += 1) flipped[below(flipped.length)] = below(256);
    return flipped;
  }

  function body(): string | Uint8Array {
    const call = JSON.stringify(mutatedCall());
    switch (below(14)) {
      case 0:
        return bytes(below(3_000));
      case 1:
        return headerText(below(3_000));
      case 2:
        return JSON.stringify(json());
      case 3:
        return call.slice(0, below(call.length));
      case 4:
        return flipped(call);
      case 5:
        return `\ufeff${call}`;
      case 6:
        return Buffer.from(call, oneOf(["utf16le", "latin1", "base64"]));
      case 7:
        return oneOf([gzipSync(call), deflateSync(call), brotliCompressSync(call)]);
      case 8:
        return oneOf(["", " ", "\u0000", "null", "NaN", `[${call},${call}]`, `${call}${call}`, JSON.stringify(call)]);
      case 9:
        return call.replace("}", `,"params":${JSON.stringify(json())},"__proto__":{"method":"x"}}`);
      case 10:
        return chance(0.05) ? Buffer.alloc(60_000 + below(100_000), oneOf(["x", " ", "[", '{"a":'])) : call;
      case 11:
        return chance(0.2) ? call.replace(/"id":\d+\}$/, `"id":${"9".repeat(1 + below(400))}}`) : call;
      default:
        return call;
    }
  }

  function authorizationHeader(): string | undefined {
    if (chance(0.6)) return authorization;
    if (chance(0.1)) return undefined;
    return oneOf([
      ...["", "Basic", "Basic ", `Bearer ${KEY}`, basic(KEY), basic(`:${KEY}`), basic(`paycom:${KEY}`)],
      ...[basic(`Paycom:${KEY.slice(1)}`), basic(`Paycom:${TEST_KEY}`), basic(`Paycom:${headerText(below(60))}`)],
      ...[`Basic ${headerText(below(80)).trim()}`, `Basic ${"A".repeat(6_000)}`, authorization.toUpperCase()],
    ]);
  }

  /** In two or three pieces, so without a length. */
  function inPieces(whole: string | Uint8Array): Uint8Array[] {
    const all = Buffer.from(whole);
    const cut = below(all.length + 1);
    return [all.subarray(0, cut), all.subarray(cut)].filter(({ length }) => length > 0);
  }

  return {
    next() {
      const method = chance(0.95) ? "POST" : oneOf(METHODS);
      const whole = body();
      const headers: Record<string, string | number> = {};
      const header = authorizationHeader();
      if (header !== undefined) headers.authorization = header;
      if (chance(0.8)) headers["content-type"] = chance(0.9) ? oneOf(TYPES) : headerText(below(60)).trim();
      if (chance(0.1)) headers["content-encoding"] = oneOf(["gzip", "br", "deflate", "x", "gzip, gzip"]);
      if (chance(0.05)) headers["test-operation"] = "Paycom";
      if (chance(0.05)) headers["x-http-method-override"] = oneOf(METHODS);
      if (method === "POST" && chance(0.2)) return { method, headers, body: inPieces(whole) };
      headers["content-length"] = Buffer.byteLength(whole);
      return { method, headers, body: whole };
    },
  };
}
