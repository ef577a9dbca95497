import type { PaymeConfig } from "../../client/config-from-env";
import type { CallClass } from "../../client/methods";
import { canonicalBody, signPayload } from "../../gateway/signature";
import { curlCommand, variablesOf } from "./curl";
import { secretsAsVariables } from "./secrets-as-variables";

/** A call to be printed. */
export interface PrintedCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly callClass: CallClass;
}

/**
 * The curl that makes a call. What is secret (the key, cards, tokens, SMS codes) stands in it as variables of the shell, so
 * that neither the terminal nor the history has it.
 *
 * The guide's signature has no time in it: whoever reads one can make that call for ever. Of a read it is printed, which is
 * what somebody needs who compares signatures; of a write it is made when the command runs.
 */
export function callCurl({ method, params, callClass }: PrintedCall, { apiUrl, auth, key }: PaymeConfig): string {
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
