import type { Answer } from "../caller";
import type { Check } from "../check";
import { expectSame, fail, isAccountCode, reached, skip, told, warn } from "../expect";
import { isJsonObject } from "../json";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/unconfirmed";

/** Is it there at all? */
export const reachedChecks: readonly Check[] = [
  {
    id: "http.answers",
    method: "*",
    rule: "the address itself answers POST with JSON-RPC: no redirect, no page",
    source: PAYME.protocol,
    mend: "Give Payme the address that answers, with or without the last slash, with https, outside of guards.",
    async run(run) {
      const answer = await run.checkPerform(await freshOrder(run));
      const { result, error } = answer;
      if (result === undefined && error === undefined) fail("JSON-RPC", answer);
    },
  },
];

/** How the endpoint speaks HTTP. */
export const httpChecks: readonly Check[] = [
  {
    id: "http.content-type",
    method: "*",
    rule: "the body is read whatever its Content-Type says: text/json as in the docs, application/json as from the sandbox",
    source: PAYME.request,
    mend: "Read the body as text and parse it yourself; frameworks parse application/json only.",
    async run(run) {
      const order = await freshOrder(run);
      const usually = await run.checkPerform(order);
      reached(usually);
      for (const contentType of ["text/json; charset=UTF-8", "application/json"]) {
        expectSame(usually, await run.call(usually.method, { ...order }, { contentType }));
      }
    },
  },
  {
    id: "http.get",
    method: "*",
    rule: "GET, as whatever is no POST, is answered with 200 and error -32300",
    source: PAYME.errors,
    mend: "Mount the endpoint for all methods (app.use, not app.post) and answer -32300 unless it is POST.",
    async run(run) {
      const answer = await run.call("CheckPerformTransaction", {}, { httpMethod: "GET" });
      if (answer.status !== 200 || answer.error === undefined) fail("HTTP 200 and error -32300", answer);
      if (answer.error.code !== -32300) warn("error -32300", answer);
      // Nobody was seen to call so: a router that knows GET and POST only loses nothing by it.
      const put = await run.call("CheckPerformTransaction", {}, { httpMethod: "PUT" });
      if (put.status !== 200 || put.error?.code !== -32300) warn("HTTP 200 and error -32300 to PUT too", put);
    },
  },
];

/** What every answer of the run must be; so these come last. */
export const everyAnswerChecks: readonly Check[] = [
  {
    id: "http.status",
    method: "*",
    rule: "every POST is answered with HTTP status 200, refusals too",
    source: `${PAYME.protocol} (Payme reads any other status as error -32400)`,
    mend: "Answer 200 always; the refusal is in the body. Mount the endpoint outside of guards and of redirects (trailing slash, http to https).",
    run({ caller }) {
      const posts = caller.log.filter(({ exchange }) => exchange.request.httpMethod === "POST");
      const other = posts.find(({ status }) => status !== 200);
      if (other !== undefined) fail("HTTP 200", other, other.status === 0 ? told(other) : `HTTP ${other.status}`);
    },
  },
  {
    id: "answer.id",
    method: "*",
    rule: "an answer carries the id of the request that it answers",
    source: PAYME.answer,
    mend: "Echo the request's `id` (not Payme's transaction id) in results and in errors.",
    run({ caller }) {
      const readable = usual(caller.log).filter(({ body, error }) => body.id !== null || !isUnreadable(error?.code));
      const ids = readable.map((answer) => ({ answer, id: answer.body.id }));
      const wrong = ids.find(({ answer, id }) => id !== undefined && id !== answer.id);
      if (wrong !== undefined) fail(`id ${wrong.answer.id}`, wrong.answer, `id ${JSON.stringify(wrong.id)}`);
      const [missing] = ids.filter(({ id }) => id === undefined);
      if (missing !== undefined) warn(`id ${missing.answer.id}`, missing.answer, "no id");
    },
  },
  {
    id: "answer.result-or-error",
    method: "*",
    rule: "an answer is a result or an error, never both",
    source: `${PAYME.answer} (with an error "result is absent", and the other way round)`,
    mend: "Leave the unused member out, also as null.",
    run({ caller }) {
      for (const { body, ...answer } of usual(caller.log)) {
        const [result, error] = [isSet(body.result), isSet(body.error)];
        if (result && error) fail("a result or an error", { body, ...answer }, "both");
      }
      const padded = usual(caller.log).find(({ body }) => "result" in body && "error" in body);
      if (padded !== undefined) warn("one of result and error", padded, "the other one as null");
    },
  },
  {
    id: "answer.message",
    method: "*",
    rule: "an error's message is an object with texts in ru, uz and en: the payer reads it",
    source: PAYME.errors,
    mend: 'Answer `message: { ru: "…", uz: "…", en: "…" }`.',
    run({ caller }) {
      const refusals = usual(caller.log).filter(({ error }) => error !== undefined);
      const bare = refusals.filter(({ error }) => !isLocalised(error?.message));
      const shownToPayers = bare.find(({ error }) => isAccountCode(error?.code));
      if (shownToPayers !== undefined) fail("texts in ru, uz and en", shownToPayers);
      const [other] = bare;
      if (other !== undefined) warn("texts in ru, uz and en", other);
    },
  },
  {
    id: "answer.data",
    method: "*",
    rule: "an error from -31099 to -31050 names the account field in data",
    source: `${PAYME.errors} (there: mandatory)`,
    mend: 'Add `data: "order_id"`: the name of the field, as it is in the cabinet.',
    run({ caller }) {
      const refusals = usual(caller.log).filter(({ error }) => isAccountCode(error?.code));
      if (refusals.length === 0) skip("no account was refused");
      const nameless = refusals.find(({ error }) => typeof error?.data !== "string" || error.data === "");
      if (nameless !== undefined) fail("data: the account field", nameless);
    },
  },
];

/** Answers to well-formed calls, as far as they are JSON. */
function usual(log: readonly Answer[]) {
  return log.flatMap((answer) => {
    const { body, isWellFormed } = answer;
    return isWellFormed && isJsonObject(body) ? [{ ...answer, body }] : [];
  });
}

/** Codes for requests whose id could not be read; their id is null. */
function isUnreadable(code: unknown): boolean {
  return code === -32700 || code === -32600;
}

function isSet(member: unknown): boolean {
  return member !== undefined && member !== null;
}

function isLocalised(message: unknown): boolean {
  return isJsonObject(message) && ["ru", "uz", "en"].every((language) => typeof message[language] === "string");
}
