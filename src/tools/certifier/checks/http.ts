import type { Answer } from "../caller";
import { checksOf } from "../check";
import { expectResult, fail, inShort, isAccountCode, reached, skip, warn } from "../expect";
import { isJsonObject } from "../json";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/sandbox";

/** The check that the endpoint answers. */
export const reachedChecks = checksOf("*", [
  {
    id: "http.answers",
    rule: "the address answers POST with JSON-RPC, not with a redirect or a page",
    source: PAYME.protocol,
    mend: "Give Payme the exact address that answers (last slash, https), without login or other guards.",
    async run(run) {
      const answer = await run.checkPerform(await freshOrder(run));
      const { result, error } = answer;
      if (result === undefined && error === undefined) fail("JSON-RPC", answer);
    },
  },
]);

/** The checks of HTTP. */
export const httpChecks = checksOf("*", [
  {
    id: "http.content-type",
    rule: "the body is read with any Content-Type: text/json as in the docs, application/json as from the sandbox",
    source: PAYME.request,
    mend: "Read the body as text and parse it yourself; frameworks parse only application/json.",
    async run(run) {
      const order = await freshOrder(run);
      const usually = await run.checkPerform(order);
      // Members beside it, such as a queue number, may change from call to call.
      const { allow } = reached(usually);
      for (const contentType of ["text/json; charset=UTF-8", "application/json"]) {
        expectResult(await run.call(usually.method, { ...order }, { contentType }), { allow });
      }
    },
  },
  {
    id: "http.get",
    rule: "GET, and any method other than POST, gets HTTP 200 and error -32300",
    source: PAYME.errors,
    mend: "Mount the endpoint for all methods (app.use, not app.post), and answer -32300 to all but POST.",
    async run(run) {
      const answer = await run.call("CheckPerformTransaction", {}, { httpMethod: "GET" });
      if (answer.status !== 200 || answer.error === undefined) fail("HTTP 200 and error -32300", answer);
      if (answer.error.code !== -32300) warn("error -32300", answer);
      // Only a warning: no PUT was seen in practice.
      const put = await run.call("CheckPerformTransaction", {}, { httpMethod: "PUT" });
      if (put.status !== 200 || put.error?.code !== -32300) warn("HTTP 200 and error -32300, also to PUT", put);
    },
  },
]);

/** The checks of every answer of the run. They come last. */
export const everyAnswerChecks = checksOf("*", [
  {
    id: "http.status",
    rule: "every POST gets HTTP status 200, refusals too",
    source: `${PAYME.protocol} (Payme reads any other status as error -32400)`,
    mend: "Always answer 200; the refusal is in the body. Mount the endpoint without guards and redirects (last slash, http to https).",
    run({ caller }) {
      const posts = caller.log.filter(({ exchange }) => exchange.request.httpMethod === "POST");
      const other = posts.find(({ status }) => status !== 200);
      if (other !== undefined) fail("HTTP 200", other, other.status === 0 ? inShort(other) : `HTTP ${other.status}`);
    },
  },
  {
    id: "answer.id",
    rule: "an answer has the id of its request",
    source: PAYME.answer,
    mend: "Copy the request's `id` (not Payme's transaction id) to results and errors.",
    run({ caller }) {
      const readable = usual(caller.log).filter(({ body, error }) => body.id !== null || !isUnreadable(error?.code));
      const ids = readable.map((answer) => ({ answer, id: answer.body.id }));
      // A wrong key may be refused before the body is read: its answer then has the id null.
      const isMissing = ({ answer: { error }, id }: (typeof ids)[number]) =>
        id === undefined || (id === null && error?.code === -32504);
      const wrong = ids.find((each) => !isMissing(each) && each.id !== each.answer.id);
      if (wrong !== undefined) fail(`id ${wrong.answer.id}`, wrong.answer, `id ${JSON.stringify(wrong.id)}`);
      const missing = ids.find(isMissing);
      if (missing !== undefined) warn(`id ${missing.answer.id}`, missing.answer, "no id");
    },
  },
  {
    id: "answer.result-or-error",
    rule: "an answer is a result or an error, never both",
    source: `${PAYME.answer} (with an error, "result is absent", and the reverse)`,
    mend: "Leave out the unused member; do not answer null.",
    run({ caller }) {
      for (const { body, ...answer } of usual(caller.log)) {
        const [result, error] = [isSet(body.result), isSet(body.error)];
        if (result && error) fail("a result or an error", { body, ...answer }, "both");
      }
      const padded = usual(caller.log).find(({ body }) => "result" in body && "error" in body);
      if (padded !== undefined) warn("one of result and error", padded, "the other member as null");
    },
  },
  {
    id: "answer.message",
    rule: "an error's message has texts in ru, uz and en: the payer reads it",
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
    rule: "an error from -31099 to -31050 names the account field in data",
    source: `${PAYME.errors} (there: mandatory)`,
    mend: 'Add `data: "order_id"`: the name of the field in the cabinet.',
    run({ caller }) {
      const refusals = usual(caller.log).filter(({ error }) => isAccountCode(error?.code));
      if (refusals.length === 0) skip("no account was refused");
      const nameless = refusals.find(({ error }) => typeof error?.data !== "string" || error.data === "");
      if (nameless !== undefined) fail("data: the account field", nameless);
    },
  },
]);

/** The JSON answers to well-formed calls. */
function usual(log: readonly Answer[]) {
  return log.flatMap((answer) => {
    const { body, isWellFormed } = answer;
    return isWellFormed && isJsonObject(body) ? [{ ...answer, body }] : [];
  });
}

/** True for the codes of a request without a readable id. Their id is null. */
function isUnreadable(code: unknown): boolean {
  return code === -32700 || code === -32600;
}

function isSet(member: unknown): boolean {
  return member !== undefined && member !== null;
}

function isLocalised(message: unknown): boolean {
  return isJsonObject(message) && ["ru", "uz", "en"].every((language) => typeof message[language] === "string");
}
