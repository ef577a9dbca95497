/** Exit codes of the command: the same as those of `npx payme-kit`. */
export const Exit = { DONE: 0, DIFFERENT: 1, COULD_NOT_RUN: 2 } as const;

/** Ends the command with a message that says what to do, without a stack. */
export class AdoptStop extends Error {
  override readonly name = "AdoptStop";

  constructor(
    message: string,
    readonly code: 1 | 2 = Exit.COULD_NOT_RUN,
  ) {
    super(message);
  }
}
