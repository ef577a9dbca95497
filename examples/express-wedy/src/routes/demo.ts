import { Router } from "express";
import { forbidden } from "../refusal";

/** Demo mode only: hands the page at `/` a token of the demo user (never an admin's). */
export function demoRoutes(userToken: () => Promise<string>): Router {
  const router = Router();
  router.get("/token", async (request, response) => {
    // A foreign site that rebinds its name to this address is named in Host: it gets nothing.
    if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(request.get("host") ?? "")) {
      throw forbidden("the demo token is for this machine only: open the page by http://localhost");
    }
    response.set("Cache-Control", "no-store").json({ token: await userToken() });
  });
  return router;
}
