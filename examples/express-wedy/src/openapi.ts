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
  readonly summary: string;
  readonly access: Access;
  readonly answer: z.ZodType;
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
      post: operation({
        summary: "Make a payment for a tariff",
        access: "user",
        json: schemas.newPaymentSchema,
        headers: IDEMPOTENCY,
        answer: schemas.createdAnswer,
        refusals: [400, 403, 404, 413, 502, 504],
      }),
    },
    "/payme/webhook": {
      post: operation({
        summary: "Take a signed notification: receipts.pay or receipts.cancel",
        access: "signature",
        json: schemas.webhookSchema,
        answer: schemas.webhookAnswer,
        refusals: [400, 404, 413],
      }),
    },
    "/payme/check-status/{transaction_id}": {
      get: operation({
        summary: "How a payment stands: by the receipt's id or by ours",
        access: "user",
        path: ["transaction_id"],
        answer: schemas.statusAnswer,
        refusals: [404, 502, 504],
      }),
    },
    "/payme/cancel-payment/{transaction_id}": {
      post: operation({
        summary: "Cancel or refund a payment at Payme",
        access: "admin",
        path: ["transaction_id"],
        answer: schemas.cancelledAnswer,
        refusals: [404, 409, 502, 504],
      }),
    },
    "/payme/statistics": {
      get: operation({
        summary: "Payments in numbers",
        access: "admin",
        query: schemas.statisticsSchema,
        answer: schemas.statisticsAnswer,
        refusals: [400],
      }),
    },
  };
}

function operatorPaths() {
  const path = ["id"];
  return {
    "/payme/incidents": {
      get: operation({
        summary: "What waits for a person, oldest first, and what to do",
        access: "admin",
        query: schemas.incidentListSchema,
        answer: schemas.incidentsAnswer,
        refusals: [400],
      }),
    },
    "/payme/incidents/{id}/resolve": {
      post: operation({
        summary: "Close an incident that you have dealt with",
        access: "admin",
        path,
        json: schemas.resolveSchema,
        answer: schemas.resolvedAnswer,
        refusals: [400, 404, 413],
      }),
    },
    "/payme/incidents/{id}/accept": {
      post: operation({
        summary: "Take the money of an incident for its payment, once Payme says that it is paid",
        access: "admin",
        path,
        json: schemas.acceptSchema,
        answer: schemas.acceptedAnswer,
        refusals: [400, 404, 409, 413, 502, 504],
      }),
    },
    "/payme/payments/{id}/story": {
      get: operation({
        summary: "What happened to a payment, in order of time: by our id or Payme's",
        access: "admin",
        path,
        answer: schemas.storyAnswer,
        refusals: [404],
      }),
    },
  };
}

function tariffPaths() {
  const path = ["tariff_id"];
  return {
    "/tariffs": {
      get: operation({
        summary: "List tariffs",
        access: "user",
        query: schemas.tariffListSchema,
        answer: schemas.tariffListAnswer,
        refusals: [400],
      }),
      post: operation({
        summary: "Create a tariff",
        access: "admin",
        form: schemas.newTariffSchema,
        answer: schemas.tariffChangedAnswer,
        refusals: [400, 413],
      }),
    },
    "/tariffs/{tariff_id}": {
      get: operation({ summary: "A tariff", access: "user", path, answer: schemas.tariffAnswer, refusals: [404] }),
      put: operation({
        summary: "Change the fields given; payments made before stay as they are",
        access: "admin",
        path,
        form: schemas.tariffChangesSchema,
        answer: schemas.tariffChangedAnswer,
        refusals: [400, 404, 413],
      }),
      delete: operation({
        summary: "Switch a tariff off",
        access: "admin",
        path,
        answer: schemas.tariffChangedAnswer,
        refusals: [404],
      }),
    },
    "/tariffs/{tariff_id}/purchase": {
      post: operation({
        summary: "Buy a tariff",
        access: "user",
        path,
        headers: IDEMPOTENCY,
        answer: schemas.purchaseAnswer,
        refusals: [400, 404, 502, 504],
      }),
    },
    "/tariffs/{tariff_id}/grant": {
      post: operation({
        summary: "Give a tariff without a payment, or what a paid payment did not give; once",
        access: "admin",
        path,
        json: schemas.grantSchema,
        headers: IDEMPOTENCY,
        answer: schemas.grantAnswer,
        refusals: [400, 404, 413],
      }),
    },
  };
}

function otherPaths() {
  return {
    "/users/me": {
      get: operation({ summary: "What runs for the caller", access: "user", answer: schemas.userAnswer }),
    },
    "/health": {
      get: operation({ summary: "Whether the database answers", access: "all", answer: schemas.healthAnswer }),
    },
  };
}

const SECURITY = { user: [{ token: [] }], admin: [{ token: [] }], signature: [{ signature: [] }], all: [] };
const ACCESS_REFUSALS = { user: [401, 429], admin: [401, 403, 429], signature: [401, 429], all: [] };

function operation({ summary, access, answer, json, form, query, path, headers, refusals }: Operation) {
  const statuses = [...new Set([...ACCESS_REFUSALS[access], ...(refusals ?? []), 500, 503])].sort((a, b) => a - b);
  const content = contentOf(json, form);
  return {
    summary: access === "admin" ? `${summary} (admin)` : summary,
    security: SECURITY[access],
    parameters: [...parametersIn("path", path), ...parametersIn("header", headers), ...queryOf(query)],
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: {
      200: { description: "Done", content: { "application/json": { schema: jsonSchema(answer) } } },
      ...Object.fromEntries(statuses.map((status) => [status, refusal])),
    },
  };
}

const refusal = {
  description: "Refused: error_code says why",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
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
