/** The person must correct the command line or the project. */
export class InitError extends Error {
  override readonly name = "InitError";
}
