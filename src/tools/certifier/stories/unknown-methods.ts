import type { Answer } from "../caller";
import { isUnanswered } from "../expect";
import { type Run, story } from "../run";

/** Names that objects have in many languages. A lookup of methods on an object would call them. */
const NO_METHODS = ["NoSuchMethod", "constructor", "__construct", "toString"];

/** Methods that do not exist are called, until one is not answered. */
export const unknownMethods = story(async (run) => {
  const answers: Answer[] = [];
  for (const name of NO_METHODS) {
    const answer = await run.call(name, {});
    answers.push(answer);
    if (isUnanswered(answer)) break;
  }
  return answers;
});

/** True for a method that the endpoint does not have: it is refused, or not answered like any other unknown method. */
export async function isMissing(run: Run, answer: Answer): Promise<boolean> {
  if (answer.error?.code === -32601) return true;
  return isUnanswered(answer) && (await unknownMethods(run)).every(isUnanswered);
}
