/** Nothing can be certified: the endpoint cannot be reached, or the orders are none that could be paid. */
export class CertifierError extends Error {
  override readonly name = "CertifierError";
}
