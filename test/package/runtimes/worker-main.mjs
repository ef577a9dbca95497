// The test's worker: the shop's where that loads, and what the test asks.
import { loaded } from "./loaded.mjs";

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/entries") return Response.json(await loaded(Number(searchParams.get("count"))));
    if (pathname === "/link") return new Response((await import("./page.mjs")).link());
    const { default: shop } = await import("./worker.mjs");
    return shop.fetch(request, env);
  },
};
