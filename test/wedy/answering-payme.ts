import { once } from "node:events";
import { createServer } from "node:http";
import { onTestFinished } from "vitest";

/** A Payme that answers each call with a receipt of its own. */
export async function answeringPayme(): Promise<{ readonly url: string }> {
  let receipts = 0;
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += String(chunk);
    });
    request.on("end", () => {
      receipts += 1;
      const { id, params } = JSON.parse(text);
      const receipt = {
        _id: `64f8a1b2c3d4e5f6${receipts.toString(16).padStart(8, "0")}`,
        state: 0,
        amount: params.amount,
      };
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result: { receipt } }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}
