/**
 * What is certified: an address, a function from requests to responses, or whatever has such a function as `fetch` (an app of
 * Hono, a server of Bun).
 */
export type Endpoint =
  | string
  | URL
  | ((request: Request) => Response | Promise<Response>)
  | { fetch(request: Request): Response | Promise<Response> };

/** An endpoint, ready to be called. */
export interface ReachableEndpoint {
  readonly url: string;
  send(request: Request): Promise<Response>;
}

/** The address that an endpoint in this process is called by. */
const IN_PROCESS_URL = "http://localhost/payme";

/** @throws TypeError when an address is no URL of http or https. */
export function reach(endpoint: Endpoint): ReachableEndpoint {
  if (typeof endpoint === "function") return { url: IN_PROCESS_URL, send: async (request) => endpoint(request) };
  if (typeof endpoint === "object" && !(endpoint instanceof URL)) {
    return { url: IN_PROCESS_URL, send: async (request) => endpoint.fetch(request) };
  }
  const url = new URL(endpoint);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError(`${url.protocol} is neither http: nor https:`);
  return { url: url.href, send: (request) => fetch(request) };
}
