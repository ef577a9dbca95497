import { createServer as createTlsServer } from "node:https";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { networkFailureOf } from "../../src/client/network-failure";
import { PaymeConnectionError } from "../../src/kit/errors";
import { clientAt, connect, failureOfType, write } from "./kit";
import { answering, portOf } from "./scripted-server";
import { untrustedTls } from "./untrusted-tls";

describe("a write that never reached Payme is a connection error: making it again is safe", () => {
  it("nothing listens", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = portOf(server.address());
    await new Promise((resolve) => server.close(resolve));
    const error = await failureOfType(PaymeConnectionError, write(clientAt(`http://127.0.0.1:${port}`)));
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.message).toContain("Payme did not receive it");
    expect(error.hint).toContain("apiUrl");
  });

  it("nothing listens on any address of a name that has several", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const port = portOf(server.address());
    await new Promise((resolve) => server.close(resolve));
    await failureOfType(PaymeConnectionError, write(clientAt(`http://localhost:${port}`)));
  });

  it("the name does not resolve", async () => {
    const error = await failureOfType(PaymeConnectionError, write(clientAt("https://payme.invalid")));
    expect(error.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(error.hint).toContain("DNS");
  });

  it("the certificate is not to be trusted", async () => {
    let requests = 0;
    const server = createTlsServer(untrustedTls, (_request, response) => {
      requests += 1;
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${portOf(server.address())}`;
    try {
      const error = await failureOfType(PaymeConnectionError, write(clientAt(url)));
      expect(error.message).toMatch(/CERT/);
      expect(error.hint).toContain("certificate");
      expect(requests).toBe(0);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("the other side speaks no TLS", async () => {
    const { server } = await connect(answering({}));
    const client = clientAt(server.url.replace("http:", "https:"));
    const error = await failureOfType(PaymeConnectionError, write(client));
    expect(error.message).toContain("did not receive");
    expect(server.seen).toHaveLength(0);
  });
});

describe("what the system says tells whether the request can have left", () => {
  const thrown = (cause: object) => new TypeError("fetch failed", { cause });
  const failed = (details: object) => thrown(Object.assign(new Error("x"), details));

  it.each([
    [{ code: "ECONNREFUSED", syscall: "connect" }],
    [{ code: "ENOTFOUND", syscall: "getaddrinfo" }],
    [{ code: "EAI_AGAIN" }],
    [{ code: "EHOSTUNREACH", syscall: "connect" }],
    [{ code: "ETIMEDOUT", syscall: "connect" }],
    [{ code: "UND_ERR_CONNECT_TIMEOUT" }],
    [{ code: "CERT_HAS_EXPIRED" }],
    [{ code: "ERR_TLS_CERT_ALTNAME_INVALID" }],
    [{ code: "DEPTH_ZERO_SELF_SIGNED_CERT" }],
    [{ code: "SELF_SIGNED_CERT_IN_CHAIN" }],
    [{ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }],
    [{ code: "ERR_SSL_WRONG_VERSION_NUMBER" }],
    [{ code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE" }],
    [{ code: "ECONNREFUSED", errors: [{ code: "ECONNREFUSED" }, { code: "ENETUNREACH" }] }],
  ])("%j: it cannot", (details) => {
    expect(networkFailureOf(failed(details)).neverReached).toBe(true);
  });

  it.each([
    [{ code: "ECONNRESET", syscall: "read" }],
    [{ code: "EPIPE", syscall: "write" }],
    [{ code: "ETIMEDOUT", syscall: "read" }],
    [{ code: "UND_ERR_SOCKET" }],
    [{ code: "UND_ERR_HEADERS_TIMEOUT" }],
    [{ code: "UND_ERR_BODY_TIMEOUT" }],
    [{ code: "HPE_INVALID_CONSTANT" }],
    [{ code: "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC" }],
    [{ code: "ECONNREFUSED", errors: [{ code: "ECONNREFUSED" }, { code: "ECONNRESET" }] }],
    [{}],
  ])("%j: it can", (details) => {
    expect(networkFailureOf(failed(details)).neverReached).toBe(false);
  });

  it.each([[undefined], [null], ["text"], [7], [new Error("plain")]])("thrown %j: it can", (error) => {
    expect(networkFailureOf(error).neverReached).toBe(false);
  });

  it("a chain of causes that bites its own tail ends", () => {
    const error = new Error("a");
    error.cause = error;
    expect(networkFailureOf(error)).toEqual({ neverReached: false, code: "Error" });
  });
});
