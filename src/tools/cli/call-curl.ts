import type { PaymeConfig } from "../../client/config-from-env";
import type { CallClass } from "../../client/methods";
import { canonicalBody, signPayload } from "../../gateway/signature";
import { curlCommand, variablesOf } from "./curl";
import { secretsAsVariables } from "./secrets-as-variables";

/** A call of the Subscribe API. */
export interface SubscribeCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly callClass: CallClass;
}

/**
 * Returns a call as curl. Secrets (the key, cards, tokens, SMS codes) are variables of the shell in it: neither the terminal
 * nor the history shows them.
 *
 * The guide's signature holds no time: a printed one allows its call for ever. For a read it is printed, so that you can
 * compare signatures. For a write, the command makes it when it runs.
 */
export function callCurl({ method, params, callClass }: SubscribeCall, { apiUrl, auth, key }: PaymeConfig): string {
  const textOf = (given: unknown) => JSON.stringify({ id: 1, method, params: given });
  const marked = textOf(secretsAsVariables(params));
  const body = auth === "signature" ? canonicalBody(marked) : marked;
  const isSignedLater = auth === "signature" && callClass === "write";
  const proof = () => {
    if (auth === "key") return variable("PAYME_SECRET_KEY");
    return isSignedLater ? '$(npx payme-kit sign "$BODY")' : signPayload(textOf(params), key);
  };
  const command = curlCommand({
    url: `${apiUrl}/api`,
    headers: [
      ["Content-Type", "application/json"],
      ["X-Auth", `${variable("PAYME_MERCHANT_ID")}:${proof()}`],
    ],
    body,
    namesBody: isSignedLater,
  });
  const variables = variablesOf(body);
  return variables.length === 0 ? command : `# set ${variables.join(", ")} first\n${command}`;
}

function variable(name: string): string {
  return `\${${name}}`;
}
