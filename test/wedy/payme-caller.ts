import * as z from "zod";

/** Payme in a process of its own: checks, creates and performs one payment after another, and says how long each call took. */
const [url, key, account] = z.tuple([z.string(), z.string(), z.string()]).parse(process.argv.slice(2));
const headers = {
  Authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}`,
  "Content-Type": "application/json",
};
let calls = 0;
let isEnding = false;

async function call(method: string, params: object): Promise<{ ms: number; code: number | null }> {
  calls += 1;
  const started = performance.now();
  const body = JSON.stringify({ jsonrpc: "2.0", id: calls, method, params });
  const answer = await fetch(url, { method: "POST", headers, body });
  const { error } = z.object({ error: z.object({ code: z.number() }).optional() }).parse(await answer.json());
  return { ms: performance.now() - started, code: error?.code ?? null };
}

/** Pays these payments in turn, until the last or until it is told to end. */
async function payAll(ids: readonly string[], amount: number): Promise<{ ms: number; code: number | null }[]> {
  const answers: { ms: number; code: number | null }[] = [];
  for (const id of ids) {
    if (isEnding) break;
    const params = {
      id: id.replaceAll("-", "").padEnd(24, "0").slice(-24),
      time: Date.now(),
      amount,
      account: { [account]: id },
    };
    answers.push(await call("CheckPerformTransaction", params));
    answers.push(await call("CreateTransaction", params));
    answers.push(await call("PerformTransaction", params));
  }
  return answers;
}

process.on("message", async (message) => {
  if (message === "end") {
    isEnding = true;
    return;
  }
  const { ids, amount } = z.object({ ids: z.array(z.string()), amount: z.number() }).parse(message);
  isEnding = false;
  process.send?.(await payAll(ids, amount));
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
