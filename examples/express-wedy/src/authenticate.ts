import type { Request } from "express";
import { errors, jwtVerify } from "jose";
import * as z from "zod";
import { unauthorized } from "./refusal";
import { plainText } from "./schemas";

/** Who makes a request. */
export interface Caller {
  readonly id: string;
  readonly role: "user" | "admin";
}

/** Says who makes a request; throws a 401 refusal where nobody can tell. The one function to replace by your own. */
export type Authenticate = (request: Request) => Promise<Caller>;

const claimsSchema = z.object({
  sub: plainText(200),
  role: z.enum(["user", "admin"]),
  type: z.literal("access").optional(),
});

/** Reads `Authorization: Bearer <token>`: HS256, with the claims `sub`, `role`, `exp`; a `type` other than `access` is refused. */
export function jwtAuthenticate(secret: string, now: () => number = Date.now): Authenticate {
  const key = new TextEncoder().encode(secret);
  return async (request) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(request.get("authorization") ?? "")?.[1];
    if (token === undefined) throw unauthorized("a token is needed: Authorization: Bearer <token>");
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["HS256"],
      requiredClaims: ["sub", "exp"],
      currentDate: new Date(now()),
    }).catch((error: unknown) => {
      throw unauthorized(error instanceof errors.JWTExpired ? "the token has expired" : "the token is not valid");
    });
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) throw unauthorized("the token's claims sub, role or type are not those of an access token");
    return { id: claims.data.sub, role: claims.data.role };
  };
}
