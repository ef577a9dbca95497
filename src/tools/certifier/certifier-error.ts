/** Certifying is impossible: the endpoint is not reachable, or an order cannot be paid. */
export class CertifierError extends Error {
  override readonly name = "CertifierError";
}
