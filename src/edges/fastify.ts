import type { ServerResponse } from "node:http";
import type { MerchantEndpoint } from "./merchant-endpoint";
import { answerMerchant, type NodeRequest } from "./merchant-node";
import { type NodeWebhookOptions, nodeWebhook } from "./webhook-node";

/** A request as Fastify gives it. */
export interface FastifyRequestLike {
  readonly raw: NodeRequest;
  readonly body?: unknown;
  /** The caller's address; from a proxy with `trustProxy`. */
  readonly ip: string;
}

/** A reply as Fastify gives it. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

/** The part of a Fastify scope that the plugins use. */
export interface FastifyScope {
  all(path: string, options: { onRequest: FastifyHook }, handler: FastifyHook): unknown;
  post(path: string, options: { onRequest: FastifyHook }, handler: FastifyHook): unknown;
}

/** A hook of a route. */
export type FastifyHook = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<void>;

/** A plugin as Fastify 4 and 5 take it: `app.register(plugin, { prefix })`. */
export type FastifyPlugin = (scope: FastifyScope) => Promise<void>;

/**
 * Serves a Merchant API endpoint in Fastify. Answers every request to the prefix with 200 and JSON-RPC, before Fastify looks
 * at content types or bodies: parsers, limits and schemas are neither used nor changed.
 *
 * Hooks of the application run first: one that refuses requests without a session refuses Payme, too.
 *
 * @example app.register(fastifyMerchant(merchant), { prefix: "/payme" });
 */
export function fastifyMerchant(merchant: MerchantEndpoint): FastifyPlugin {
  return async (scope) => {
    const onRequest: FastifyHook = async (request, reply) => {
      reply.hijack();
      await answerMerchant(merchant, requestOf(request), reply.raw, request.ip);
    };
    scope.all("/", { onRequest }, neverReached);
  };
}

/**
 * Handles the Wedy guide's notifications in Fastify. Errors of `onEvent` go to Fastify's error handler.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 * @example app.register(fastifyWebhook({ secret, onEvent: (event) => payments.recordWebhook(event) }), { prefix: "/payme/webhook" });
 */
export function fastifyWebhook(options: NodeWebhookOptions): FastifyPlugin {
  const answer = nodeWebhook(options);
  return async (scope) => {
    const onRequest: FastifyHook = async (request, reply) => {
      await answer(requestOf(request), reply.raw);
      reply.hijack();
    };
    scope.post("/", { onRequest }, neverReached);
  };
}

/** Returns Node's request, with the body where an earlier hook has parsed it. */
function requestOf({ raw, body }: FastifyRequestLike): NodeRequest {
  if (body !== undefined && body !== null) raw.body ??= body;
  return raw;
}

/** A route must have a handler; the hook answers before it. */
async function neverReached(): Promise<void> {}
