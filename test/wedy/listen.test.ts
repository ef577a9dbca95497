import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { listen } from "../../examples/express-wedy/src/listen";

const CLIENTS = 64;
const HOST = "127.0.0.1";

/** One request over a connection that is kept; the status, or the code of the error. */
function call(agent: Agent, port: number): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request({ agent, port, host: HOST }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    sent.end();
  });
}

it("stops under clients that keep their connections: each gets its answers, and no reset", async () => {
  const server = await listen((_request, response) => setTimeout(() => response.end("ok"), 5), 0, HOST);
  let isOver = false;
  const served = new Set<Agent>();
  const ends = Array.from({ length: CLIENTS }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (;;) {
      const answer = await call(agent, server.port);
      if (answer !== 200) return answer;
      served.add(agent);
      if (isOver) return "answered";
    }
  });
  // All are connected, and in the middle of their calls.
  await vi.waitFor(() => expect(served.size).toBe(CLIENTS), { timeout: 10_000 });
  await server.close();
  isOver = true;
  const counts = new Map<string, number>();
  for (const end of await Promise.all(ends)) counts.set(String(end), (counts.get(String(end)) ?? 0) + 1);
  expect(counts.get("ECONNRESET") ?? 0).toBeLessThanOrEqual(2);
  const ended = (counts.get("ECONNREFUSED") ?? 0) + (counts.get("answered") ?? 0);
  expect(ended).toBeGreaterThanOrEqual(CLIENTS - 2);
});

it("stops beside half-sent heads, and finishes what is under way", async () => {
  let answer = () => {};
  const begun = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let finish = () => {};
  const server = await listen(
    (_request, response) => {
      answer();
      finish = () => response.end("finished");
    },
    0,
    HOST,
  );
  const halves = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const socket = connect(server.port, HOST).on("error", () => {});
      await once(socket, "connect");
      socket.write("GET / HTTP/1.1\r\nHost: x\r\n");
      return socket;
    }),
  );
  const underWay = fetch(`http://${HOST}:${server.port}/`).then((response) => response.text());
  await begun;
  const closed = server.close();
  setTimeout(() => finish(), 1_500);
  expect(await underWay).toBe("finished");
  await closed;
  for (const socket of halves) socket.destroy();
}, 20_000);
