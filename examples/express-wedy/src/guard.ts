import type { Request, RequestHandler } from "express";
import type { Authenticate, Caller } from "./authenticate";
import { forbidden, Refusal, unauthorized } from "./refusal";

/** Lets requests in by who makes them. */
export interface Guard {
  /** Anyone with a token that counts. */
  readonly user: RequestHandler;
  /** Admins only. */
  readonly admin: RequestHandler;
  /** Who makes a request that one of the two let in. */
  callerOf(request: Request): Caller;
}

/** What {@link createGuard} works with. */
export interface GuardOptions {
  readonly authenticate: Authenticate;
  /** Counts a failed authentication of the request's address, and refuses it where there were too many. */
  readonly countFailure: RequestHandler;
  /** Called with each caller, once it is known who that is. */
  readonly onCaller: (caller: Caller) => Promise<void>;
}

export function createGuard({ authenticate, countFailure, onCaller }: GuardOptions): Guard {
  const callers = new WeakMap<Request, Caller>();

  const letIn =
    (mayEnter: (caller: Caller) => boolean): RequestHandler =>
    async (request, response, next) => {
      const caller = await authenticate(request).catch((error: unknown) => asFailure(error));
      // Only failures are counted: a right token is never limited.
      if (caller instanceof Refusal) return countFailure(request, response, (error) => next(error ?? caller));
      if (!mayEnter(caller)) throw forbidden("this is for admins only");
      await onCaller(caller);
      callers.set(request, caller);
      next();
    };

  return {
    user: letIn(() => true),
    admin: letIn((caller) => caller.role === "admin"),
    callerOf(request) {
      const caller = callers.get(request);
      if (caller === undefined) throw unauthorized("a token is needed");
      return caller;
    },
  };
}

function asFailure(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
