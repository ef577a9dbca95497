import { CHEAPEST_TIYIN, type Demo } from "./demo";

/** What a start with real settings prints. */
export function greeting(url: string): string {
  return `Wedy listens on ${url} (API: ${url}/docs/). Ctrl-C stops it.`;
}

/** What a start in demo mode prints: where things are, tokens ready to paste, and what to try. */
export async function demoGreeting(url: string, demo: Demo): Promise<string> {
  const user = await demo.userToken();
  const admin = await demo.adminToken();
  const merchantKey = demo.merchant.testKey;
  return `
Wedy runs in demo mode: Payme is a mock on this machine, and no money moves.

  Shop          ${url}/
  API           ${url}/docs/
  Payme (mock)  ${demo.payme.apiUrl}
  Its console   ${demo.payme.apiUrl}/console
  Merchant API  ${merchantKey === undefined ? "has no key in this flow: PAYME_FLOW=link npm start" : `${url}/payme/merchant`}

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
${merchantKey === undefined ? "" : certifyStep(url, merchantKey, admin)}
Ctrl-C stops it.
`;
}

/** Payments of the admin's: what the certifier leaves paid is in nobody's way. */
function certifyStep(url: string, key: string, admin: string): string {
  const buy = `curl -s -X POST "${url}/tariffs/1/purchase" -H "Authorization: Bearer ${admin}" -H "Idempotency-Key: $$-$(date +%s)"`;
  const orderOf = String.raw`sed "s/.*\"transaction_id\":\"\([^\"]*\)\".*/\1/"`;
  return `
4. See it pass what Payme's sandbox asks of a server, at this folder's root:

PAYME_KEY='${key}' npx payme-kit certify "${url}/payme/merchant" --field order_id --amount ${CHEAPEST_TIYIN} --orders-from '${buy} | ${orderOf}'
`;
}
