import { networkFailureOf } from "../../client/network-failure";
import { DAY_MS } from "../../kit/calendar";
import { isLoopback } from "../../kit/loopback";
import { MerchantErrorCode } from "../../protocol/codes";
import { askEndpoint, type Question, READ_CALL } from "./ask-endpoint";
import { type Check, right, uncertain, wrong } from "./finding";
import type { Endpoint } from "./subject";

const ENDING_DAYS = 14;
const SLOW_MS = 2_000;
/** The largest call that is tried, below the 64 KiB that the endpoint reads. */
const LARGE_BYTES = 60 * 1024;
const LARGE_CALL = READ_CALL.replace(/}$/, `,"padding":"${"x".repeat(LARGE_BYTES - READ_CALL.length - 13)}"}`);

const SYSTEM_ERROR = "Payme reads any other answer as a system error, and the sale is lost.";
const { NOT_POST, INSUFFICIENT_PRIVILEGES: REFUSED, TRANSACTION_NOT_FOUND: UNKNOWN } = MerchantErrorCode;

const basic = (key: string) => ({ Authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}` });
/** The key, where it is known and may travel. */
const keyOf = ({ url, key }: Endpoint) => (url.protocol === "https:" || isLoopback(url.hostname) ? key : undefined);

/** A call that must get HTTP 200 and a code. */
function callCheck({
  needsKey,
  ask,
  code,
  ...check
}: Omit<Check, "look"> & { needsKey?: true; ask?: Partial<Question>; code?: number }): Check {
  return {
    ...check,
    async look({ endpoint }, signal) {
      const key = endpoint && keyOf(endpoint);
      if (endpoint === undefined || (needsKey && key === undefined)) return undefined;
      const headers = { ...(code === undefined && key !== undefined ? basic(key) : {}), ...ask?.headers };
      const answer = await askEndpoint(endpoint.url, { body: READ_CALL, ...ask, headers, signal });
      const expected = code ?? (key === undefined ? REFUSED : UNKNOWN);
      const isRight = answer.status === 200 && answer.code === expected;
      return isRight ? right(answer.text) : wrong(`the answer is ${answer.text} instead of HTTP 200, ${expected}`);
    },
  };
}

const afterKey = ["endpoint.right-key", "endpoint.no-key"];

export const endpointChecks: readonly Check[] = [
  {
    id: "endpoint.reached",
    why: "Payme cannot ask whether an order may be paid.",
    fix: "Look at the address, the DNS, the firewall, and whether the server runs.",
    async look({ endpoint }, signal) {
      try {
        return endpoint && right(`the endpoint answers ${(await endpoint.first(signal)).text}`);
      } catch (error) {
        const { code } = networkFailureOf(error);
        const saw = `${endpoint?.url.origin} cannot be reached (${code})`;
        const isRefused = /CERT|TLS|SSL|UNABLE_TO|HOSTNAME/.test(code);
        return isRefused
          ? wrong(saw, "Renew the certificate, with its whole chain and for this name.")
          : uncertain(saw);
      }
    },
  },
  {
    id: "endpoint.redirect",
    after: ["endpoint.reached"],
    why: "Payme follows no redirect.",
    fix: "Give the cabinet the last address, or take the redirect away for this path.",
    async look({ endpoint }, signal) {
      const { status = 0, location = "" } = (await endpoint?.first(signal)) ?? {};
      if (status < 300 || status > 399) return endpoint && right("no redirect");
      return wrong(`HTTP ${status} to ${location}`);
    },
  },
  {
    id: "endpoint.certificate",
    after: ["endpoint.reached"],
    why: "Without a valid certificate Payme cannot call.",
    fix: "Renew the certificate now, and find out why it was not renewed by itself.",
    async look({ endpoint, now }, signal) {
      if (endpoint === undefined) return undefined;
      const { protocol, hostname, origin } = endpoint.url;
      const https = "Serve https://, and give the cabinet that address.";
      if (protocol !== "https:")
        return isLoopback(hostname) ? right("on this machine") : wrong(`${origin} is open`, https);
      const days = Math.floor(((await endpoint.first(signal)).certificateEnds - now()) / DAY_MS);
      return (days > ENDING_DAYS ? right : wrong)(`the certificate ends in ${days} days`);
    },
  },
  callCheck({
    id: "endpoint.get",
    after: ["endpoint.redirect"],
    why: SYSTEM_ERROR,
    fix: "Give every method of this path to the endpoint: docs/frameworks.md.",
    ask: { method: "GET", body: undefined },
    code: NOT_POST,
  }),
  callCheck({
    id: "endpoint.no-key",
    after: ["endpoint.redirect"],
    why: SYSTEM_ERROR,
    fix: "See that this path is the endpoint, and that nothing before it answers: docs/frameworks.md.",
    code: REFUSED,
  }),
  callCheck({
    id: "endpoint.wrong-key",
    after: ["endpoint.no-key"],
    why: "Whoever calls with an accepted key can mark orders as paid.",
    fix: "Compare the whole key of each call before anything else.",
    ask: { headers: basic("not-a-key") },
    code: REFUSED,
  }),
  callCheck({
    id: "endpoint.right-key",
    after: ["endpoint.no-key", "env.key-shape"],
    why: "Payme's calls are refused, and no order is paid.",
    fix: "After -32504: give the endpoint this key, and let Authorization through the proxy. If allowFrom keeps this machine out, add --skip endpoint.right-key. Else read the server's log.",
    needsKey: true,
  }),
  callCheck({
    id: "endpoint.text-json",
    after: afterKey,
    why: "Payme's sandbox was seen to send the type text/json.",
    fix: "Read the body of every content type: docs/frameworks.md.",
    ask: { headers: { "Content-Type": "text/json" } },
  }),
  callCheck({
    id: "endpoint.large-body",
    after: afterKey,
    why: "A call with much fiscal data is as large as this one, of 60 KiB.",
    fix: "Allow 64 KiB on this path: client_max_body_size in nginx, the limit of a body parser.",
    ask: { body: LARGE_CALL },
  }),
  callCheck({
    id: "endpoint.expect",
    after: afterKey,
    why: "A caller that sends Expect: 100-continue sends no body before it gets leave.",
    fix: "Let the proxy answer 100 Continue, or pass the header on.",
    ask: { headers: { Expect: "100-continue" } },
  }),
  {
    id: "endpoint.latency",
    after: ["endpoint.no-key"],
    why: "Payme waits for a few seconds only, and then the payer sees an error.",
    fix: "Look at the server's load, and at how far it is from Tashkent.",
    async look({ endpoint, now }, signal) {
      const before = now();
      await (endpoint && askEndpoint(endpoint.url, { body: READ_CALL, signal }));
      const ms = now() - before;
      return endpoint && (ms > SLOW_MS ? uncertain : right)(`answered after ${ms} ms`);
    },
  },
  {
    id: "endpoint.webhook",
    after: ["env.callback"],
    why: "A webhook that answers 200 to a POST without a signature lets anybody mark an order as paid; 404 loses every notification.",
    fix: "Mount the webhook of payme-kit at this path, before any body parser: docs/from-the-guide.md.",
    async look({ webhook }, signal) {
      if (webhook === undefined) return undefined;
      try {
        const { status } = await askEndpoint(webhook, { body: "{}", signal });
        return (status === 401 ? right : wrong)(`a notification without a signature gets HTTP ${status}`);
      } catch (error) {
        return uncertain(`${webhook.origin} cannot be reached (${networkFailureOf(error).code})`);
      }
    },
  },
];
