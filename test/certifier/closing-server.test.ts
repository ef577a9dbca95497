import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { certify } from "../../src/tools/certifier/certify";
import { createEndpoint, KEY } from "../faulty/endpoints/reference";
import { createClock, idsOf } from "./shops";

it("a server that closes each connection a moment after its answer, without a word, fails nothing", async () => {
  const clock = createClock();
  const endpoint = createEndpoint({}, clock.now);
  let calls = 0;
  const server = createServer(async (incoming, outgoing) => {
    const { method = "", headers } = incoming;
    const body = await text(incoming);
    const request = new Request("http://localhost/", {
      method,
      headers: { authorization: headers.authorization ?? "", "content-type": headers["content-type"] ?? "" },
      ...(method === "GET" ? {} : { body }),
    });
    const answer = await (await endpoint.fetch(request)).text();
    calls += 1;
    outgoing.on("finish", () => setTimeout(() => incoming.socket.destroy(), calls % 4));
    outgoing.setHeader("Connection", "keep-alive").end(answer);
  });
  await new Promise<void>((ready) => server.listen(0, ready));
  const { newOrder, credited } = endpoint;
  const api = `http://localhost:${portOf(server.address())}/`;
  const { failed } = await idsOf({ api, key: KEY, newOrder, credited, ...clock });
  server.close();
  expect(failed).toEqual([]);
});

it("a wrong key that is not answered is reported once", async () => {
  const endpoint = createEndpoint({});
  const { checks } = await certify({
    async api(request) {
      const answer = await endpoint.fetch(request);
      if ((await answer.clone().text()).includes("-32504")) throw new TypeError("fetch failed");
      return answer;
    },
    key: KEY,
    newOrder: endpoint.newOrder,
    only: ["auth", "http.status"],
  });
  expect(checks.filter(({ status }) => status === "failed").map(({ id }) => id)).toEqual(["http.status"]);
  expect(checks.find(({ id }) => id === "auth.missing")?.got).toContain("not answered");
});

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
