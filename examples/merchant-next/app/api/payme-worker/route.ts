import { createHash, timingSafeEqual } from "node:crypto";
import { worker } from "../../../payme/merchant";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Called by the platform's cron, each minute. */
export async function GET(request: Request): Promise<Response> {
  const { CRON_SECRET: secret } = process.env;
  const isAllowed = timingSafeEqual(digest(request.headers.get("authorization") ?? ""), digest(`Bearer ${secret}`));
  if (!secret || !isAllowed) return new Response("", { status: 401 });
  const reports = await worker.runOnce({ budgetMs: 20_000 });
  return Response.json(reports, { status: reports.some(({ status }) => status === "failed") ? 500 : 200 });
}
