import express, { type Express } from "express";
import helmet from "helmet";
import { type IdSource, randomId } from "payme-kit";
import type { AdminParts } from "payme-kit/admin";
import { expressMerchant, type MerchantEndpoint } from "payme-kit/express";
import type { Tariffs } from "payme-kit/tariffs";
import { answerError } from "./answer-error";
import type { Authenticate } from "./authenticate";
import { limitBody } from "./bodies";
import type { DemoDesk } from "./demo";
import { createGuard } from "./guard";
import { noStore, warnOfProxy } from "./headers";
import { DEFAULT_LIMITS, type Limits, perMinute } from "./limits";
import type { Logs } from "./logging";
import { payersLine } from "./payers-line";
import { notFound } from "./refusal";
import { logRequests } from "./request-log";
import { adminRoutes } from "./routes/admin";
import { demoRoutes } from "./routes/demo";
import { healthRoutes } from "./routes/health";
import { metricsRoutes, type ServedMetrics } from "./routes/metrics";
import { operatorRoutes } from "./routes/operator";
import { pageRoutes } from "./routes/pages";
import { paymeRoutes } from "./routes/payme";
import { subscriptionRoutes } from "./routes/subscriptions";
import { tariffRoutes } from "./routes/tariffs";
import { userRoutes } from "./routes/users";
import { webhookHandler } from "./routes/webhook";
import type { TariffSubscriptions } from "./subscriptions";
import type { Users } from "./users";
import type { CheckoutLink } from "./wire";

/** What {@link createApp} works with. */
export interface AppOptions {
  readonly tariffs: Tariffs;
  readonly users: Users;
  /** The endpoint that Payme calls, at `/payme/merchant`. */
  readonly merchant?: MerchantEndpoint | undefined;
  /** Renews tariffs by saved cards; without it these routes say that they are not set up. */
  readonly subscriptions?: TariffSubscriptions | undefined;
  /** What `/metrics` shows; without it there is no such route. */
  readonly metrics?: ServedMetrics | undefined;
  /** Makes a payment's checkout link, where Payme can call us. */
  readonly checkoutLink?: CheckoutLink | undefined;
  readonly authenticate: Authenticate;
  /** What the gateway signs its notifications with. */
  readonly webhookSecrets: readonly string[];
  readonly logs: Logs;
  readonly limits?: Limits | undefined;
  /** False while the database has no connection for another payer. */
  readonly hasRoom?: (() => boolean) | undefined;
  /** How many proxies may set the client's address. Default none. */
  readonly trustProxy?: number | undefined;
  /** What the operator's page at `/admin` has beside the payments. */
  readonly admin?: Omit<AdminParts, "payments"> | undefined;
  /** Demo mode: what the page at `/` has beside the API. */
  readonly demo?: DemoDesk | undefined;
  readonly now?: (() => number) | undefined;
  readonly newId?: IdSource | undefined;
}

/** The Wedy endpoints, thin: all payment logic is payme-kit's. */
export function createApp(options: AppOptions): Express {
  const { tariffs, users, authenticate, webhookSecrets, logs, limits = DEFAULT_LIMITS, demo } = options;
  const countFailure = perMinute(limits.failedAuthentications);
  const guard = createGuard({ authenticate, countFailure, onCaller: (caller) => users.ensure(caller.id) });
  const { payments } = tariffs;
  const webhook = webhookHandler({
    payments,
    secret: webhookSecrets,
    now: options.now,
    countFailure,
    logger: logs.payme,
  });

  const app = express();
  app.disable("x-powered-by");
  const { trustProxy = 0 } = options;
  app.set("trust proxy", trustProxy);
  if (trustProxy === 0) app.use(warnOfProxy(logs.server));
  // For all methods, and before everything else that might answer: Payme takes nothing but 200 for an answer.
  if (options.merchant !== undefined) app.use("/payme/merchant", expressMerchant(options.merchant));
  app.use(["/payme", "/tariffs", "/users", "/demo", "/admin", "/metrics"], noStore);
  const line = payersLine({ logger: logs.server, hasRoom: options.hasRoom });
  app.use((request, response, next) => (NOT_OF_PAYERS.test(request.path) ? next() : line(request, response, next)));
  app.use(logRequests(logs), helmet({ contentSecurityPolicy: contentPolicy(demo) }), limitBody);
  // Before any body parser: the signature is over the raw bytes.
  app.post("/payme/webhook", webhook);
  app.use("/payme", operatorRoutes(payments, guard));
  app.use("/admin", adminRoutes({ ...options.admin, payments, guard, authenticate, hasForm: demo !== undefined }));
  app.use("/health", healthRoutes(users));
  if (options.metrics !== undefined) app.use("/metrics", metricsRoutes(options.metrics, guard));
  app.use("/payme", paymeRoutes(tariffs, guard, options.checkoutLink));
  app.use(subscriptionRoutes(options.subscriptions, guard));
  app.use("/tariffs", tariffRoutes(tariffs, guard));
  app.use("/users", userRoutes(tariffs, options.subscriptions, guard));
  if (demo !== undefined) app.use("/demo", perMinute(limits.pages), demoRoutes(demo, tariffs, guard));
  app.use(pageRoutes(perMinute(limits.pages)));
  app.use((_request, _response, next) => next(notFound("there is no such route")));
  app.use(answerError(logs.server, options.newId ?? randomId));
  return app;
}

/** Money that came, and those who look after the server. Before all else, for a rush of payers costs what stands before their line. */
const NOT_OF_PAYERS = /^\/(?:payme\/(?:webhook|incidents|payments)|admin|health|metrics)(?:\/|$)/i;

/** Pages load their own files and nothing else. In demo mode they send a card's number to Payme's mock, and not to us. */
const contentPolicy = (demo: DemoDesk | undefined) => ({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'", ...(demo?.cards ? [new URL(demo.cards.apiUrl).origin] : [])],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
});
