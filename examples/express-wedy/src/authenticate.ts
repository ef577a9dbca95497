import type { Request } from "express";
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
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

/** The guide's backend called a user `client`, and had whole numbers as ids. */
const claimsSchema = z.object({
  sub: z.union([plainText(200), z.int().min(0)]).transform(String),
  role: z.enum(["user", "admin", "client"]).transform((role) => (role === "admin" ? role : "user")),
  type: z.literal("access").optional(),
});

/** Options of {@link jwtAuthenticate}. */
export interface JwtOptions {
  /** The role of a token that names none. Default: such a token is refused. */
  readonly roleOf?: ((claims: JWTPayload) => Caller["role"]) | undefined;
  readonly now?: (() => number) | undefined;
}

/**
 * Reads `Authorization: Bearer <token>`: HS256, with the claims `sub`, `role`, `exp`; a `type` other than `access` is refused.
 *
 * @param secrets a token may be signed with any of them: there are two while you change yours.
 */
export function jwtAuthenticate(secrets: readonly string[], { roleOf, now = Date.now }: JwtOptions = {}): Authenticate {
  const keys = secrets.map((secret) => new TextEncoder().encode(secret));
  return async (request) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(request.get("authorization") ?? "")?.[1];
    if (token === undefined) throw unauthorized("a token is needed: Authorization: Bearer <token>");
    const payload = await payloadOf(token, keys, {
      algorithms: ["HS256"],
      requiredClaims: ["sub", "exp"],
      currentDate: new Date(now()),
    }).catch((error: unknown) => {
      throw unauthorized(error instanceof errors.JWTExpired ? "the token has expired" : "the token is not valid");
    });
    const claims = claimsSchema.safeParse({ role: roleOf?.(payload), ...payload });
    if (!claims.success) throw unauthorized("the token's claims sub, role or type are not those of an access token");
    return { id: claims.data.sub, role: claims.data.role };
  };
}

/** Tries each key. The signature is judged first: any other error comes from the key that signed the token. */
async function payloadOf(token: string, keys: readonly Uint8Array[], options: JWTVerifyOptions): Promise<JWTPayload> {
  for (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}
