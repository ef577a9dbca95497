import { createServer, type RequestListener } from "node:http";
import { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import Fastify, { type FastifyInstance } from "fastify";
import { Hono } from "hono";
import { expressMerchant } from "../../src/entry/express";
import { fastifyMerchant } from "../../src/entry/fastify";
import { fetchMerchant } from "../../src/entry/fetch";
import { nodeMerchant } from "../../src/entry/node";
import { edgeContract, type Served } from "./edge-contract";
import { nestApplication } from "./nest-application";
import { listen } from "./send";

edgeContract("node:http", ({ merchant }) => serveNode(nodeMerchant(merchant)));

edgeContract("Express", ({ merchant }) =>
  serveNode(express().use("/payme", expressMerchant(merchant)).use(express.json())),
);

edgeContract(
  "Express behind express.json()",
  ({ merchant }) =>
    serveNode(express().use(express.json({ type: () => true, strict: false }), expressMerchant(merchant))),
  { isParsedBefore: true },
);

edgeContract("Fastify", async ({ merchant }) => {
  const app = Fastify();
  app.register(fastifyMerchant(merchant), { prefix: "/payme" });
  return serveFastify(app);
});

edgeContract(
  "Fastify where a hook has parsed the body",
  async ({ merchant }) => {
    const app = Fastify();
    app.addHook("onRequest", async (request) => {
      if (request.method !== "POST") return;
      const isZipped = request.headers["content-encoding"] === "gzip";
      const bytes = isZipped ? request.raw.pipe((await import("node:zlib")).createGunzip()) : request.raw;
      request.body = await json(bytes);
    });
    app.register(fastifyMerchant(merchant), { prefix: "/payme" });
    return serveFastify(app);
  },
  { isParsedBefore: true },
);

edgeContract("NestJS under a prefix, a guard, a filter and a pipe", async ({ merchant }) => {
  const app = await nestApplication();
  app.use("/payme", expressMerchant(merchant));
  await app.listen(0, "127.0.0.1");
  return { url: `${await app.getUrl()}/payme`, close: () => app.close() };
});

edgeContract("Hono", ({ merchant }) => {
  const app = new Hono().all("/payme", (context) => fetchMerchant(merchant)(context.req.raw));
  return serveNode(getRequestListener(app.fetch));
});

edgeContract("a route handler, as Next.js calls it", ({ merchant }) => {
  const handler = (request: Request) => fetchMerchant(merchant)(request);
  const route: Record<string, typeof handler> = {
    ...{ GET: handler, HEAD: handler, POST: handler, PUT: handler, PATCH: handler, DELETE: handler, OPTIONS: handler },
  };
  return serveNode(async (incoming, response) => {
    const { method = "GET", headers } = incoming;
    const hasBody = method !== "GET" && method !== "HEAD";
    const request = new Request(`http://${headers.host}${incoming.url}`, {
      method,
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      ...(hasBody ? { body: Readable.toWeb(incoming), duplex: "half" } : {}),
    });
    const answer = await route[method]?.(request);
    response.writeHead(answer?.status ?? 405, Object.fromEntries(answer?.headers ?? []));
    response.end(method === "HEAD" ? undefined : await answer?.text());
  });
});

async function serveNode(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${await listen(server)}/payme`, close };
}

async function serveFastify(app: FastifyInstance): Promise<Served> {
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  return { url: `${url}/payme`, close: () => app.close() };
}
