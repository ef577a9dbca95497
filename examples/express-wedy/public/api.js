import { language, say } from "./language.js";

const TOKEN = "wedy.token";

/** The access token of this tab; null where there is none. */
export const storedToken = () => sessionStorage.getItem(TOKEN);

export const storeToken = (token) => sessionStorage.setItem(TOKEN, token);

export const dropToken = () => sessionStorage.removeItem(TOKEN);

/** The demo user's token, and where cards are saved; null where the server is not in demo mode. */
export async function demoLogin() {
  const response = await fetch("/demo/token");
  return response.ok ? await response.json() : null;
}

/** Calls the API and gives its answer; throws its text for the payer, with the HTTP status, where it refuses. */
export async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
    headers: { "Accept-Language": language, Authorization: `Bearer ${storedToken() ?? ""}` },
  }).catch(() => {
    throw new Error(say("noAnswer"));
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.message ?? say("noAnswer")), {
    status: response.status,
  });
}
