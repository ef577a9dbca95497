import { SignJWT } from "jose";
import type { Caller } from "./authenticate";

/** Makes an access token, as the server's `authenticate` reads it. For demo mode and tests: elsewhere, your login does this. */
export function signToken(caller: Caller, secret: string, lifetimeSeconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ role: caller.role, type: "access" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(caller.id)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeSeconds)
    .sign(new TextEncoder().encode(secret));
}
