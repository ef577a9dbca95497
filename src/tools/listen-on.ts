import type { Server } from "node:http";

/** Starts to listen, and returns the URL and the port. Rejects where the server cannot listen. */
export async function listenOn(
  server: Server,
  { port, host }: { port: number; host: string },
): Promise<{ url: string; port: number }> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => resolve());
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return { url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`, port: bound };
}
