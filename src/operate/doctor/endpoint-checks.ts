import { networkFailureOf } from "../../client/network-failure";
import { isLoopback } from "../../kit/loopback";
import { MerchantErrorCode } from "../../protocol/codes";
import { type Asked, askEndpoint, READ_CALL } from "./ask-endpoint";
import { type Check, type CheckRow, checksOf } from "./check";
import { right, type Seen, uncertain, wrong } from "./finding";
import type { Subject } from "./subject";

type Endpoint = NonNullable<Subject["endpoint"]>;

const DAY_MS = 86_400_000;
const ENDING_DAYS = 14;
const SLOW_MS = 2_000;
const LARGE_BYTES = 60 * 1024;
const NO_ANSWER = /CERT|TLS|SSL|UNABLE_TO|HOSTNAME/;
const SYSTEM_ERROR = "Payme reads any other answer as a system error, and stops the sale.";

/** The call with the key, where it is known and may travel: the endpoint does not know the transaction. */
const callOf = ({ key, url }: Endpoint) => {
  const isSafe = url.protocol === "https:" || isLoopback(url.hostname);
  return key === undefined || !isSafe
    ? { headers: {}, code: MerchantErrorCode.INSUFFICIENT_PRIVILEGES }
    : { headers: basic(key), code: MerchantErrorCode.TRANSACTION_NOT_FOUND };
};
const basic = (key: string) => ({ Authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}` });

/** Compares an answer with the code that it must have. */
function answered(answer: Asked, code: number, fix: string): Seen {
  const isRight = answer.status === 200 && answer.code === code;
  return isRight ? right(answer.text) : wrong(`the answer is ${answer.text} instead of HTTP 200, ${code}`, fix);
}

/** A variation of the usual call, which must not change the answer. */
function variation(
  row: Pick<CheckRow<Endpoint>, "id" | "looksAt" | "why">,
  request: { headers?: Readonly<Record<string, string>>; body?: string },
  fix: string,
): CheckRow<Endpoint> {
  return {
    ...row,
    after: ["right-key"],
    isOnline: true,
    async look(endpoint, _subject, signal) {
      const { headers, code } = callOf(endpoint);
      const sent = { body: READ_CALL, ...request, headers: { ...headers, ...request.headers }, signal };
      return answered(await askEndpoint(endpoint.url, sent), code, fix);
    },
  };
}

const largeBody = JSON.stringify({ ...JSON.parse(READ_CALL), padding: "x".repeat(LARGE_BYTES - READ_CALL.length - 13) });

export const endpointChecks: readonly Check[] = [
  ...checksOf("endpoint", ({ endpoint }) => endpoint, [
    {
      id: "reached",
      isOnline: true,
      looksAt: "the address of the Merchant API answers, with a certificate that is accepted",
      why: "Payme cannot ask whether an order may be paid.",
      async look({ url, first }, _subject, signal) {
        try {
          return right(`${url.host} answers ${(await first(signal)).text}`);
        } catch (error) {
          const { code } = networkFailureOf(error);
          const saw = `${url.origin} cannot be reached (${code})`;
          if (NO_ANSWER.test(code)) return wrong(saw, "Renew the certificate, with its whole chain and for this name.");
          return uncertain(saw, "Look at the address, the DNS, the firewall, and whether the server runs.");
        }
      },
    },
    {
      id: "redirect",
      after: ["reached"],
      isOnline: true,
      looksAt: "the address leads nowhere else",
      why: "Payme follows no redirect.",
      async look({ first }, _subject, signal) {
        const { status, location } = await first(signal);
        if (status < 300 || status > 399) return right("no redirect");
        const to = location?.replace(/[?#].*/s, "") ?? "elsewhere";
        return wrong(`HTTP ${status} to ${to}`, "Give the cabinet the last address, or take the redirect away for this path.");
      },
    },
    {
      id: "certificate",
      after: ["reached"],
      isOnline: true,
      looksAt: `https, with a certificate for more than ${ENDING_DAYS} days`,
      why: "Once the certificate has ended, Payme cannot call.",
      async look({ url, first }, { now }, signal) {
        if (url.protocol !== "https:")
          return isLoopback(url.hostname)
            ? right("on this machine")
            : wrong(`${url.origin} is not encrypted`, "Serve https://, and give the cabinet that address.");
        const { certificateEnds } = await first(signal);
        if (certificateEnds === undefined || Number.isNaN(certificateEnds))
          return uncertain("the end of the certificate is not known", `openssl s_client -connect ${url.host}:443`);
        const days = Math.floor((certificateEnds - now()) / DAY_MS);
        const saw = `the certificate ends in ${days} days`;
        return days > ENDING_DAYS ? right(saw) : wrong(saw, "Renew it now, and find out why it was not renewed by itself.");
      },
    },
    {
      id: "get",
      after: ["redirect"],
      isOnline: true,
      looksAt: "GET gets HTTP 200 and -32300",
      why: SYSTEM_ERROR,
      look: async ({ url }, _subject, signal) =>
        answered(
          await askEndpoint(url, { method: "GET", signal }),
          MerchantErrorCode.NOT_POST,
          "Give every method of this path to the endpoint: docs/frameworks.md.",
        ),
    },
    {
      id: "no-key",
      after: ["redirect"],
      isOnline: true,
      looksAt: "POST without a key gets HTTP 200 and -32504",
      why: SYSTEM_ERROR,
      look: async ({ first }, _subject, signal) =>
        answered(
          await first(signal),
          MerchantErrorCode.INSUFFICIENT_PRIVILEGES,
          "See that this path is the endpoint, and that nothing before it answers: docs/frameworks.md.",
        ),
    },
    {
      id: "wrong-key",
      after: ["no-key"],
      isOnline: true,
      looksAt: "POST with a wrong key gets -32504",
      why: "Whoever calls with an accepted key can mark orders as paid.",
      look: async ({ url }, _subject, signal) =>
        answered(
          await askEndpoint(url, { headers: basic("not-a-key"), body: READ_CALL, signal }),
          MerchantErrorCode.INSUFFICIENT_PRIVILEGES,
          "Compare the whole key of each call before anything else.",
        ),
    },
    {
      id: "right-key",
      after: ["no-key"],
      isOnline: true,
      looksAt: "POST with the key, about an unknown transaction, gets -31003",
      why: "Payme's calls are refused, and no order is paid.",
      async look(endpoint, _subject, signal) {
        const { headers, code } = callOf(endpoint);
        if (code !== MerchantErrorCode.TRANSACTION_NOT_FOUND) return undefined;
        return answered(
          await askEndpoint(endpoint.url, { headers, body: READ_CALL, signal }),
          code,
          "After -32504: give the endpoint this key, and let Authorization through the proxy. If allowFrom keeps this machine out, add --skip endpoint.right-key. Else read the server's log.",
        );
      },
    },
    variation(
      {
        id: "text-json",
        looksAt: "the same call as `text/json`",
        why: "Payme's sandbox was seen to send this type.",
      },
      { headers: { "Content-Type": "text/json" } },
      "Read the body of every content type: docs/frameworks.md.",
    ),
    variation(
      {
        id: "large-body",
        looksAt: "the same call with a body of 60 KiB",
        why: "A call with much fiscal data is as large.",
      },
      { body: largeBody },
      "Allow 64 KiB on this path: client_max_body_size in nginx, limit of the body parser.",
    ),
    variation(
      {
        id: "expect",
        looksAt: "the same call with `Expect: 100-continue`",
        why: "A caller that waits for leave and gets none sends no body.",
      },
      { headers: { Expect: "100-continue" } },
      "Let the proxy answer 100 Continue, or pass the header on.",
    ),
    {
      id: "latency",
      after: ["no-key"],
      isOnline: true,
      looksAt: `the call without a key is answered within ${SLOW_MS / 1000} s`,
      why: "Payme waits for a few seconds only, then the payer sees an error.",
      async look({ url }, { now }, signal) {
        const before = now();
        await askEndpoint(url, { body: READ_CALL, signal });
        const ms = now() - before;
        const saw = `answered after ${ms} ms`;
        return ms > SLOW_MS ? uncertain(saw, "Look at the server's load, and at how far it is from Tashkent.") : right(saw);
      },
    },
  ]),
  ...checksOf("endpoint", ({ webhook }) => webhook, [
    {
      id: "webhook",
      isOnline: true,
      looksAt: "the webhook of the guide answers 401 to a POST without a signature",
      why: "One that answers 200 lets anybody mark an order as paid; 404 loses every notification.",
      async look(url, _subject, signal) {
        try {
          const { status } = await askEndpoint(url, { body: "{}", signal });
          const saw = `${url.host} answers HTTP ${status} to an unsigned notification`;
          const fix = "Mount the webhook of payme-kit at this path, before any body parser: docs/from-the-guide.md.";
          return status === 401 ? right(saw) : wrong(saw, fix);
        } catch (error) {
          const saw = `${url.origin} cannot be reached (${networkFailureOf(error).code})`;
          return uncertain(saw, "Look at the address, the firewall, and whether the server runs.");
        }
      },
    },
  ]),
];
