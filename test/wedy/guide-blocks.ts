/** The guide's ```http blocks, as printed. Whoever sends one fills its placeholders. */
export const CREATE_PAYMENT = `POST /payme/create-payment
Authorization: Bearer <jwt_token>
Content-Type: application/json

{
  "user_id": "user123",
  "tariff_id": 1,
  "amount": 50000,
  "description": "Premium Tariff"
}`;

export const WEBHOOK = `POST /payme/webhook
X-Auth-Signature: <hmac_signature>
Content-Type: application/json

{
  "method": "receipts.pay",
  "params": {
    "id": "64f8a1b2c3d4e5f6a7b8c9d0",
    "cheque_id": "cheque123",
    "amount": 5000000,
    "paid_at": 1642234567
  }
}`;

export const CHECK_STATUS = `GET /payme/check-status/{transaction_id}
Authorization: Bearer <jwt_token>`;

export const PURCHASE = `POST /tariffs/{tariff_id}/purchase
Authorization: Bearer <jwt_token>`;

/** The receipt's id that the guide prints. */
export const PRINTED_ID = "64f8a1b2c3d4e5f6a7b8c9d0";

/** Sends a block: its first line, its headers, and its body as it stands. */
export async function send(url: string, block: string): Promise<Record<string, unknown>> {
  const [head = "", ...body] = block.split("\n\n");
  const [line = "", ...headers] = head.split("\n");
  const [method = "", path = ""] = line.split(" ");
  const response = await fetch(url + path, {
    method,
    headers: Object.fromEntries(headers.map((header) => header.split(": "))),
    body: body.length === 0 ? null : body.join("\n\n"),
  });
  return { http: response.status, ...Object(await response.json()) };
}

/** The body of a block, for the signature. */
export function bodyOf(block: string): string {
  return block.slice(block.indexOf("\n\n") + 2);
}

/** The guide's "Payment Table", as printed. */
export const GUIDE_TABLE = `CREATE TABLE payment (
    id VARCHAR PRIMARY KEY,
    user_id VARCHAR NOT NULL,
    amount INTEGER NOT NULL,
    status VARCHAR DEFAULT 'PENDING',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    paid_at TIMESTAMP NULL,
    
    -- Payme-specific fields
    payme_transaction_id VARCHAR NULL,
    payme_cheque_id VARCHAR NULL,
    tariff_id INTEGER NULL,
    payment_method VARCHAR DEFAULT 'PAYME',
    payme_error_code VARCHAR NULL,
    payme_error_message VARCHAR NULL,
    
    -- Tracking fields
    updated_at TIMESTAMP NULL,
    webhook_received_at TIMESTAMP NULL
);

-- Indexes
CREATE INDEX idx_payment_user_id ON payment(user_id);
CREATE INDEX idx_payment_payme_transaction_id ON payment(payme_transaction_id);
CREATE INDEX idx_payment_status ON payment(status);
CREATE INDEX idx_payment_created_at ON payment(created_at);`;

/** The guide's "User Table Updates", as printed. */
export const USER_UPDATES = `ALTER TABLE user ADD COLUMN tariff_id INTEGER NULL;
ALTER TABLE user ADD COLUMN tariff_expires_at TIMESTAMP NULL;

-- Foreign key constraint
ALTER TABLE user ADD CONSTRAINT fk_user_tariff 
    FOREIGN KEY (tariff_id) REFERENCES tariff(id);`;

/** The guide's "Verify Database", as printed. */
export const VERIFY_DATABASE = `SELECT * FROM payment WHERE payme_transaction_id = 'transaction_id';
   SELECT * FROM user WHERE id = 'user_id';`;

/** The statements of a block, without its comments. */
export function statementsOf(block: string): string[] {
  const statements = block.replaceAll(/--.*$/gm, "").split(";");
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "");
}

/** The guide's three queries of its section on monitoring, as printed. */
export const SUCCESS_RATE = `SELECT
  COUNT(*) as total_payments,
  COUNT(CASE WHEN status = 'PAID' THEN 1 END) as successful_payments,
  (COUNT(CASE WHEN status = 'PAID' THEN 1 END) * 100.0 / COUNT(*)) as success_rate
FROM payment;`;

export const WEBHOOK_PROCESSING = `SELECT
  COUNT(*) as total_webhooks,
  COUNT(CASE WHEN webhook_received_at IS NOT NULL THEN 1 END) as processed_webhooks
FROM payment;`;

export const ERROR_RATES = `SELECT
  payme_error_code,
  COUNT(*) as error_count
FROM payment
WHERE payme_error_code IS NOT NULL
GROUP BY payme_error_code;`;
