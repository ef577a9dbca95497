import { isUtf8 } from "node:buffer";
import express, { type Request, type RequestHandler } from "express";
import multer from "multer";
import { MAX_BODY_BYTES } from "./error-answer";
import { invalid, tooLarge } from "./refusal";

const MAX_FIELDS = 20;
const MAX_FIELD_BYTES = 8 * 1024;

/** Refuses a body whose length says that it is over the limit, before anything is read. */
export const limitBody: RequestHandler = (request, _response, next) => {
  if (Number(request.get("content-length") ?? 0) <= MAX_BODY_BYTES) return next();
  // Taken in and thrown away, or the sender would meet a broken connection in place of the answer.
  request.resume();
  next(tooLarge(MAX_BODY_BYTES));
};

/** Reads a JSON body, whatever its content type says. */
export const jsonBody: RequestHandler = express.json({
  limit: MAX_BODY_BYTES,
  type: () => true,
  verify: (_request, _response, bytes) => {
    if (!isUtf8(bytes)) throw invalid("the body is not valid UTF-8");
  },
});

const multipart = multer({
  limits: { fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, fieldNameSize: 100, files: 0, headerPairs: 100 },
}).none();
const urlencoded = express.urlencoded({ extended: false, limit: MAX_BODY_BYTES, parameterLimit: MAX_FIELDS });

/** Reads form data (multipart as in the guide, or urlencoded), else JSON. */
export const formBody: RequestHandler = (request, response, next) => {
  if (request.is("multipart/form-data")) {
    return multipart(request, response, (error) => next(error === undefined ? undefined : formProblem(error)));
  }
  const isForm = Boolean(request.is("application/x-www-form-urlencoded"));
  return (isForm ? urlencoded : jsonBody)(request, response, next);
};

/** Multer's own errors say which limit was met; all others are about a form that is none. */
function formProblem(error: unknown): unknown {
  return error instanceof multer.MulterError ? error : invalid("the form cannot be read");
}

const FORM_TYPES = ["multipart/form-data", "application/x-www-form-urlencoded"];

/** The body's fields. A form has only texts: what a field is meant to be is made of its text, where it can be. */
export function fieldsOf(request: Request, kinds: FieldKinds): unknown {
  const body: unknown = request.body;
  if (!request.is(FORM_TYPES) || typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([name, text]) => [name, fieldOf(text, kinds[name])]));
}

/** What the fields of a form are meant to be, where that is not text. */
export type FieldKinds = Readonly<Record<string, "number" | "boolean">>;

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

function fieldOf(text: unknown, kind: FieldKinds[string] | undefined): unknown {
  if (typeof text !== "string" || kind === undefined) return text;
  if (kind === "boolean") return BOOLEANS[text.toLowerCase()] ?? text;
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}
