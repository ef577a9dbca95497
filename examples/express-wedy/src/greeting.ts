import { CHEAPEST, type Demo } from "./demo";

/** What a start with real settings prints. */
export function greeting(url: string): string {
  return `Wedy listens on ${url} (API: ${url}/docs/). Ctrl-C stops it.`;
}

/** What a start in demo mode prints: where things are, tokens ready to paste, and what to try. */
export async function demoGreeting(url: string, demo: Demo): Promise<string> {
  const user = await demo.userToken();
  const admin = await demo.adminToken();
  const [merchantKey] = demo.merchant.testKey;
  const isLink = merchantKey !== undefined;
  return `
Wedy runs in demo mode: Payme is a mock on this machine, and no money moves.

  Shop          ${url}/
  API           ${url}/docs/
  Operator      ${url}/admin (with the admin token)
  Payme (mock)  ${demo.payme.apiUrl}
  Its console   ${demo.payme.apiUrl}/console
  Merchant API  ${isLink ? `${url}/payme/merchant` : "has no key in this flow: PAYME_FLOW=link npm start"}

User token (${demo.userId}):

${user}

Admin token (${demo.adminId}):

${admin}

Open the shop in a browser, or paste these into a shell, in this order:

1. Create the guide's payment. The shell keeps the answer for step 3:

ANSWER=$(${createCurl(url, demo.userId, user)}); echo "$ANSWER"

2. Purchase the tariff. The same user has that payment open, so the answer is the same payment:

curl -X POST "${url}/tariffs/1/purchase" -H "Authorization: Bearer ${user}"

${isLink ? certifyStep(url, merchantKey, admin) : notifyStep(url, demo.payme.key)}

4. See the tariff active${isLink ? ", once it is paid" : ""}:

curl "${url}/users/me" -H "Authorization: Bearer ${user}"

Ctrl-C stops it.
`;
}

const transactionId = String.raw`sed 's/.*"transaction_id":"\([^"]*\)".*/\1/'`;

function createCurl(url: string, userId: string, token: string): string {
  const body = { user_id: userId, tariff_id: 1, amount: CHEAPEST.som, description: "Premium Tariff" };
  return `curl -s -X POST "${url}/payme/create-payment" -H "Authorization: Bearer ${token}" -H "Content-Type: application/json" -d '${JSON.stringify(body)}'`;
}

/** A body without spaces is its own canonical form: openssl signs it as the gateway does. */
function notifyStep(url: string, secret: string): string {
  const body = `{"method":"receipts.pay","params":{"id":"'$RECEIPT'","cheque_id":"cheque123","amount":${CHEAPEST.tiyin},"paid_at":'$(date +%s)'}}`;
  return `3. Pay: open the pay_url in a browser (card 8600 1234 5678 9012). Or send the signed notification of it yourself:

RECEIPT=$(printf %s "$ANSWER" | ${transactionId})
BODY='${body}'
SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac '${secret}' | sed 's/.* //')
curl -X POST "${url}/payme/webhook" -H "X-Auth-Signature: $SIGNATURE" -H "Content-Type: application/json" -d "$BODY"`;
}

/** Payments of the admin's: what the certifier leaves paid is in nobody's way. */
function certifyStep(url: string, key: string, admin: string): string {
  const buy = `curl -s -X POST "${url}/tariffs/1/purchase" -H "Authorization: Bearer ${admin}" -H "Idempotency-Key: $$-$(date +%s)"`;
  const orderOf = transactionId.replaceAll('"', '\\"').replaceAll("'", '"');
  return `3. Pay: open the pay_url in a browser (card 8600 1234 5678 9012). Or see the server pass what Payme's sandbox asks, at this folder's root:

PAYME_KEY='${key}' npx payme-kit certify "${url}/payme/merchant" --field order_id --amount ${CHEAPEST.tiyin} --orders-from '${buy} | ${orderOf}'`;
}
