import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { postMessages } from "../../src/entry";

const message = {
  id: 7,
  kind: "order.paid",
  subject: "order:1",
  data: { amount: 5 },
  at: 1_700_000_000_000,
  attempt: 1,
};

/** A receiver that answers with a status, or a redirect to itself. */
async function receiver(status: number) {
  const requests: { headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    requests.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
    response.writeHead(status, status === 302 ? { Location: "/other" } : {}).end(status === 204 ? undefined : "text");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : "";
  return { requests, url: `http://127.0.0.1:${port}/told?token=planted` };
}

describe("postMessages", () => {
  it.each([200, 204])("posts a message as JSON; %s means delivered", async (status) => {
    const { requests, url } = await receiver(status);
    const deliver = postMessages(url, { headers: { Authorization: "Bearer bot" } });
    await deliver(message, { signal: AbortSignal.timeout(5_000) });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers).toMatchObject({ "content-type": "application/json", authorization: "Bearer bot" });
    expect(JSON.parse(requests[0]?.body ?? "")).toEqual({
      id: 7,
      kind: "order.paid",
      subject: "order:1",
      data: { amount: 5 },
      at: "2023-11-14T22:13:20.000Z",
    });
  });

  it.each([302, 400, 500])(
    "is not delivered by a %s, follows no redirect, and never names the address",
    async (status) => {
      const { requests, url } = await receiver(status);
      const error: unknown = await Promise.resolve(
        postMessages(url)(message, { signal: AbortSignal.timeout(5_000) }),
      ).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).not.toContain("planted");
      expect(requests).toHaveLength(1);
    },
  );

  it("ends with its attempt", async () => {
    const { url } = await receiver(200);
    const over = AbortSignal.abort();
    await expect(postMessages(url)(message, { signal: over })).rejects.toMatchObject({ name: "AbortError" });
  });
});
