/** What one paid payment gives its user: a tariff as it was when it was bought, for its days. */
export interface Grant {
  /** The payment that gave it; a payment gives one grant, once. */
  readonly paymentId: string;
  readonly tariffId: number;
  readonly name: string;
  /** In whole som, at the time of purchase. */
  readonly price: number;
  /** At the time of purchase. */
  readonly durationDays: number;
  /** When our books settled the payment, in ms. Not Payme's `paid_at`: time that nobody could use is not taken from the user. */
  readonly settledAt: number;
}

/** A grant as it is kept. */
export interface GrantRow extends Grant {
  readonly userId: string;
  /** When a refund took it back, in ms; null: it stands. */
  readonly revokedAt: number | null;
}
