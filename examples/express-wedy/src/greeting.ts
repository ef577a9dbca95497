import type { Demo } from "./demo";

/** What a start with real settings prints. */
export function greeting(url: string): string {
  return `Wedy listens on ${url} (API: ${url}/docs/). Ctrl-C stops it.`;
}

/** What a start in demo mode prints: where things are, tokens ready to paste, and what to try. */
export async function demoGreeting(url: string, demo: Demo): Promise<string> {
  const user = await demo.userToken();
  const admin = await demo.adminToken();
  return `
Wedy runs in demo mode: Payme is a mock on this machine, and no money moves.

  Shop          ${url}/
  API           ${url}/docs/
  Payme (mock)  ${demo.payme.apiUrl}
  Its console   ${demo.payme.apiUrl}/console

User token (${demo.userId}):

${user}

Admin token (${demo.adminId}):

${admin}

Open the shop in a browser, or try:

1. Buy tariff 1, then open the payment_url of the answer and pay with the card 8600 1234 5678 9012:

curl -X POST "${url}/tariffs/1/purchase" -H "Authorization: Bearer ${user}"

2. See it active:

curl "${url}/users/me" -H "Authorization: Bearer ${user}"

3. See the payments in numbers:

curl "${url}/payme/statistics" -H "Authorization: Bearer ${admin}"

Ctrl-C stops it.
`;
}
