import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { nodeMerchant } from "../../src/entry/node";
import type { Variant } from "./databases";
import { openRacingShop } from "./merchant-shop";

/** Where a shop's endpoint runs: in one process, or in two on one database. */
export type Where = "one process" | "two processes";

/** Endpoints of one shop, and its books to look at. */
export type RacingServers = Awaited<ReturnType<typeof startServers>>;

export async function startServers(address: string, variant: Variant, where: Where) {
  const shop = openRacingShop(address, variant);
  await shop.ready;
  const servers = await (where === "one process" ? [await serveHere(shop)] : startTwo(address, variant));
  return {
    shop,
    urls: servers.map(({ port }) => `http://127.0.0.1:${port}/payme`),
    async close() {
      await Promise.all(servers.map(({ close }) => close()));
      await shop.close();
    },
  };
}

async function serveHere({ merchant }: ReturnType<typeof openRacingShop>) {
  const server = createServer(nodeMerchant(merchant)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { port: portOf(server.address()), close };
}

function startTwo(address: string, variant: Variant) {
  const script = fileURLToPath(new URL("./merchant-server.ts", import.meta.url));
  return Promise.all(
    [1, 2].map(async () => {
      const child = fork(script, [address, variant], { execArgv: ["--import", "tsx"] });
      const exited = once(child, "exit");
      const ended = exited.then(([code]) =>
        Promise.reject(new Error(`a server ended with ${code} before it listened`)),
      );
      const [listening] = await Promise.race([once(child, "message"), ended]);
      ended.catch(() => {});
      const close = async () => {
        child.kill();
        await exited;
      };
      return { port: portOf(listening), close };
    }),
  );
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server listens to no port");
}
