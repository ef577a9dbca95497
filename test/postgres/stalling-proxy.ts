import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A line to a database that can be made to swallow everything, as a network does that has lost its route, or be cut. It counts round trips. */
export async function stallingProxy(url: string) {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isStalled = false;
  let turns = 0;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    let isAnswered = true;
    near.on("data", () => {
      turns += Number(isAnswered);
      isAnswered = false;
    });
    far.on("data", () => {
      isAnswered = true;
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => {
        if (!isStalled) to.write(chunk);
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const through = new URL(url);
  through.port = String(typeof address === "object" ? address?.port : "");
  const cut = () => sockets.forEach((socket) => void socket.destroy());
  return {
    url: through.href,
    /** How often one side has spoken after the other: bytes to the server that follow an answer, or begin. */
    turns: () => turns,
    /** Nothing gets through any more, and nobody is told. */
    stall: () => {
      isStalled = true;
    },
    /** Connections made from now on work. */
    heal: () => {
      cut();
      isStalled = false;
    },
    cut,
    close() {
      cut();
      server.close();
    },
    /** Is there again after `close`. */
    async reopen() {
      await once(server.listen(Number(through.port), "127.0.0.1"), "listening");
    },
  };
}
