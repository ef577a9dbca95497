import express, { type Request, type RequestHandler, type Response, Router } from "express";
import { type AdminParts, adminHandler } from "payme-kit/admin";
import { expressAdmin } from "payme-kit/express";
import type { Authenticate } from "../authenticate";
import type { Guard } from "../guard";

/** What {@link adminRoutes} works with. */
export interface AdminRoutesOptions extends AdminParts {
  readonly guard: Guard;
  readonly authenticate: Authenticate;
  /** Demo mode: a form takes the admin token that the terminal shows. Elsewhere your own log-in sets the cookie. */
  readonly hasForm: boolean;
}

/** The cookie that holds an admin's token for the page. */
export const ADMIN_COOKIE = "wedy_admin";
/** Set by us alone, after the token was checked. */
const OPERATOR = "x-wedy-operator";

/** The operator's page, for admin tokens: in `Authorization`, or in the cookie. */
export function adminRoutes({ guard, authenticate, hasForm, ...parts }: AdminRoutesOptions): Router {
  const admin = adminHandler({
    ...parts,
    title: "Wedy",
    authorize: ({ headers }) => ({
      name: decodeURIComponent(headers.get(OPERATOR) ?? ""),
      can: ["read", "refund", "resolve"],
    }),
  });
  const router = Router();
  router.use(tokenOfCookie);
  if (hasForm) router.use(logIn(authenticate));
  router.use(guard.admin, (request, _response, next) => {
    request.headers[OPERATOR] = encodeURIComponent(guard.callerOf(request).id);
    next();
  });
  router.use(expressAdmin(admin));
  return router;
}

const tokenOfCookie: RequestHandler = (request, _response, next) => {
  const token = new RegExp(`(?:^|; )${ADMIN_COOKIE}=([\\w.-]+)`).exec(request.get("cookie") ?? "")?.[1];
  if (token !== undefined) request.headers.authorization ??= `Bearer ${token}`;
  next();
};

/** Shows the form to whoever has no admin token, and takes the token that is posted. */
function logIn(authenticate: Authenticate): RequestHandler {
  const isAdmin = async (request: Request) => (await authenticate(request).catch(() => undefined))?.role === "admin";
  const readForm = express.urlencoded({ extended: false, limit: "8kb" });
  return async (request, response, next) => {
    if (await isAdmin(request)) return next();
    if (request.method !== "POST") return sendForm(response);
    readForm(request, response, async () => {
      const token = String(Object(request.body).token ?? "").trim();
      request.headers.authorization = `Bearer ${token}`;
      if (request.get("sec-fetch-site") === "cross-site" || !(await isAdmin(request))) return sendForm(response);
      response.cookie(ADMIN_COOKIE, token, { httpOnly: true, sameSite: "strict", path: request.baseUrl });
      response.redirect(303, request.baseUrl);
    });
  };
}

function sendForm(response: Response): void {
  response
    .status(401)
    .type("html")
    .send(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Wedy</title><link rel="stylesheet" href="/style.css">
<main><h1>Wedy</h1><form method="post">
<p><label for="token">Admin token / Токен администратора / Admin tokeni</label></p>
<p><input id="token" name="token" type="password" required autocomplete="off" autofocus></p>
<p><button>OK</button></p>
</form></main></html>`);
}
