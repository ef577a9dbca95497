import { createServer } from "node:http";
import ky from "ky";
import { createPaymeClient } from "payme-kit";
import { compare, print } from "./compare";

const answer = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { state: 4 } });
const id = "65a0c1d2e3f4a5b6c7d8e9f0";
const headers = { "Content-Type": "application/json", "Cache-Control": "no-cache", "X-Auth": "id:key" };
const body = JSON.stringify({ id: 1, method: "receipts.check", params: { id } });

/** A client call against a local server, beside ky with the same options and JSON.parse, and beside bare fetch. */
export async function benchClientCall(): Promise<void> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.setHeader("Content-Type", "application/json").end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const apiUrl = `http://127.0.0.1:${port}`;
  const client = createPaymeClient({ merchantId: "65a0b0000000000000000001", key: "k".repeat(36), apiUrl });
  const ours = async (times: number) => {
    for (let n = 0; n < times; n += 1) await client.receipts.check(id);
  };
  const withKy = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      const signal = AbortSignal.timeout(30_000);
      const options = { body, headers, signal, retry: 0, timeout: false, throwHttpErrors: false } as const;
      JSON.parse(await (await ky.post(`${apiUrl}/api`, options)).text());
    }
  };
  const withFetch = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      JSON.parse(await (await fetch(`${apiUrl}/api`, { method: "POST", body, headers })).text());
    }
  };
  print("client call / ky and JSON.parse", ">= 0.85", await compare(withKy, ours));
  print("client call / bare fetch", "printed", await compare(withFetch, ours));
  server.closeAllConnections();
  server.close();
}
