import { fileURLToPath } from "node:url";
import express, { type RequestHandler, Router } from "express";
import helmet from "helmet";
import * as swagger from "swagger-ui-express";
import { openApi } from "../openapi";

const PUBLIC_FOLDER = fileURLToPath(new URL("../../public", import.meta.url));

// No badge: it would send the API's address to a foreign validator.
const DOCS = { swaggerUrl: "/openapi.json", customSiteTitle: "Wedy API", swaggerOptions: { validatorUrl: null } };

/** The shop's page at `/`, the API's description at `/openapi.json` and its reader at `/docs`. All files are our own. */
export function pageRoutes(limit: RequestHandler): Router {
  const router = Router();
  const description = openApi();
  router.get("/openapi.json", limit, (_request, response) => void response.json(description));
  router.use("/docs", limit, docsPolicy, swagger.serve, swagger.setup(undefined, DOCS));
  router.use(limitPages(limit), express.static(PUBLIC_FOLDER));
  return router;
}

/** Swagger UI brings styles of its own inside its page; scripts still come from files only. */
const docsPolicy = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", "data:"],
    fontSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
});

/** Only what a file could answer is counted as a page. */
function limitPages(limit: RequestHandler): RequestHandler {
  return (request, response, next) =>
    request.method === "GET" || request.method === "HEAD" ? limit(request, response, next) : next();
}
