import * as z from "zod";
import * as schemas from "./schemas";

/** The API's description in OpenAPI 3.1, made from the schemas that requests are checked with. */
export function openApi() {
  return {
    openapi: "3.1.0",
    info: {
      title: "Wedy payments",
      version: "0.1.0",
      description:
        "Tariffs paid through Payme, built on payme-kit. In demo mode, the server prints a user token and an admin token at its start.",
    },
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        signature: { type: "apiKey", in: "header", name: "X-Auth-Signature", description: "HMAC-SHA256 of the body" },
      },
      schemas: { Error: jsonSchema(schemas.errorAnswer) },
    },
    paths: { ...paymentPaths(), ...operatorPaths(), ...tariffPaths(), ...otherPaths() },
  };
}

type Access = "user" | "admin" | "signature" | "all";

interface Operation {
  readonly answerType?: string;
  readonly json?: z.ZodType;
  readonly form?: z.ZodType;
  readonly query?: z.ZodObject;
  readonly path?: readonly string[];
  readonly headers?: readonly string[];
  /** Statuses of its own, beside those that its access brings. */
  readonly refusals?: readonly number[];
}

const IDEMPOTENCY = ["Idempotency-Key"];

function paymentPaths() {
  return {
    "/payme/create-payment": {
      post: operation("user", "Make a payment for a tariff", schemas.createdAnswer, {
        json: schemas.newPaymentSchema,
        headers: IDEMPOTENCY,
        refusals: [400, 403, 404, 409, 413, 502, 504],
      }),
    },
    "/payme/webhook": {
      post: operation(
        "signature",
        "Take a signed notification: receipts.pay or receipts.cancel",
        schemas.webhookAnswer,
        { json: schemas.webhookSchema, refusals: [400, 404, 413] },
      ),
    },
    "/payme/check-status/{transaction_id}": {
      get: operation("user", "How a payment stands: by the receipt's id or by ours", schemas.statusAnswer, {
        path: ["transaction_id"],
        refusals: [404, 502, 504],
      }),
    },
    "/payme/cancel-payment/{transaction_id}": {
      post: operation("admin", "Cancel or refund a payment at Payme", schemas.cancelledAnswer, {
        path: ["transaction_id"],
        refusals: [404, 409, 502, 504],
      }),
    },
    "/payme/statistics": {
      get: operation("admin", "Payments in numbers", schemas.statisticsAnswer, {
        query: schemas.statisticsSchema,
        refusals: [400],
      }),
    },
  };
}

function operatorPaths() {
  const path = ["id"];
  return {
    "/payme/incidents": {
      get: operation("admin", "What waits for a person, oldest first, and what to do", schemas.incidentsAnswer, {
        query: schemas.incidentListSchema,
        refusals: [400],
      }),
    },
    "/payme/incidents/{id}/resolve": {
      post: operation("admin", "Close an incident that you have dealt with", schemas.resolvedAnswer, {
        path,
        json: schemas.resolveSchema,
        refusals: [400, 404, 413],
      }),
    },
    "/payme/incidents/{id}/accept": {
      post: operation(
        "admin",
        "Take the money of an incident for its payment, once Payme says that it is paid",
        schemas.acceptedAnswer,
        { path, json: schemas.acceptSchema, refusals: [400, 404, 409, 413, 502, 504] },
      ),
    },
    "/payme/payments/{id}/story": {
      get: operation(
        "admin",
        "What happened to a payment, in order of time: by our id or Payme's",
        schemas.storyAnswer,
        { path, refusals: [404] },
      ),
    },
  };
}

function tariffPaths() {
  const path = ["tariff_id"];
  return {
    "/tariffs": {
      get: operation("user", "List tariffs", schemas.tariffListAnswer, {
        query: schemas.tariffListSchema,
        refusals: [400],
      }),
      post: operation("admin", "Create a tariff", schemas.tariffChangedAnswer, {
        form: schemas.newTariffSchema,
        refusals: [400, 413],
      }),
    },
    "/tariffs/{tariff_id}": {
      get: operation("user", "A tariff", schemas.tariffAnswer, { path, refusals: [404] }),
      put: operation(
        "admin",
        "Change the fields given; payments made before stay as they are",
        schemas.tariffChangedAnswer,
        { path, form: schemas.tariffChangesSchema, refusals: [400, 404, 413] },
      ),
      delete: operation("admin", "Switch a tariff off", schemas.tariffChangedAnswer, { path, refusals: [404] }),
    },
    "/tariffs/{tariff_id}/purchase": {
      post: operation("user", "Buy a tariff", schemas.purchaseAnswer, {
        path,
        headers: IDEMPOTENCY,
        refusals: [400, 404, 409, 502, 504],
      }),
    },
    "/tariffs/{tariff_id}/subscribe": {
      post: operation(
        "user",
        "Renew a tariff by a saved card: the first period is charged now",
        schemas.subscribedAnswer,
        {
          path,
          json: schemas.subscribeSchema,
          refusals: [400, 404, 413, 502, 504],
        },
      ),
    },
    "/tariffs/{tariff_id}/grant": {
      post: operation("admin", "Give a tariff without a payment, or for a paid one; once", schemas.grantAnswer, {
        path,
        json: schemas.grantSchema,
        headers: IDEMPOTENCY,
        refusals: [400, 404, 413],
      }),
    },
  };
}

function otherPaths() {
  return {
    "/users/me": {
      get: operation("user", "What runs for the caller", schemas.userAnswer),
    },
    "/users/me/subscription": {
      get: operation("user", "The caller's subscription", schemas.subscriptionAnswer, { refusals: [404] }),
      delete: operation(
        "user",
        "Cancel it: it ends with what is paid. A repeat changes nothing",
        schemas.cancelledSubscriptionAnswer,
        { refusals: [404] },
      ),
    },
    "/health": {
      get: operation("all", "Whether the database answers", schemas.healthAnswer),
    },
    "/metrics": {
      get: operation("admin", "For Prometheus, which may have METRICS_TOKEN in place of a JWT", z.string(), {
        answerType: "text/plain",
      }),
    },
  };
}

const SECURITY = { user: [{ token: [] }], admin: [{ token: [] }], signature: [{ signature: [] }], all: [] };
const ACCESS_REFUSALS = { user: [401, 429], admin: [401, 403, 429], signature: [401, 429], all: [] };

function operation(access: Access, summary: string, answer: z.ZodType, asked: Operation = {}) {
  const { json, form, query, path, headers, refusals, answerType = "application/json" } = asked;
  const statuses = [...new Set([...ACCESS_REFUSALS[access], ...(refusals ?? []), 500, 503])].sort((a, b) => a - b);
  const content = contentOf(json, form);
  return {
    summary: access === "admin" ? `${summary} (admin)` : summary,
    security: SECURITY[access],
    parameters: [...parametersIn("path", path), ...parametersIn("header", headers), ...queryOf(query)],
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: {
      200: { description: "Done", content: { [answerType]: { schema: jsonSchema(answer) } } },
      ...Object.fromEntries(statuses.map((status) => [status, status === 503 ? notNow : refusal])),
    },
  };
}

const refusal = {
  description: "Refused: error_code says why",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
};

const notNow = {
  ...refusal,
  description: "Not now: too many requests at once, or the database is away",
  headers: { "Retry-After": { description: "In how many seconds to try again", schema: { type: "integer" } } },
};

function contentOf(json: z.ZodType | undefined, form: z.ZodType | undefined) {
  if (json !== undefined) return { "application/json": { schema: jsonSchema(json) } };
  if (form === undefined) return undefined;
  const schema = jsonSchema(form);
  return {
    "multipart/form-data": { schema },
    "application/x-www-form-urlencoded": { schema },
    "application/json": { schema },
  };
}

function parametersIn(place: "path" | "header", names: readonly string[] = []) {
  return names.map((name) => ({ name, in: place, required: place === "path", schema: { type: "string" } }));
}

function queryOf(query: z.ZodObject | undefined) {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema: jsonSchema(schema),
  }));
}

function jsonSchema(schema: z.core.$ZodType): Record<string, unknown> {
  const { $schema: _dialect, "~standard": _standard, ...described } = z.toJSONSchema(schema, { io: "input" });
  return described;
}
