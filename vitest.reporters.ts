import { join } from "node:path";

/** The usual output; where CI counts tests (`TEST_REPORTS` names a folder), a JSON report beside it. */
export function reportersFor(name: string): (string | [string, { outputFile: string }])[] {
  const directory = process.env.TEST_REPORTS;
  return directory === undefined ? ["default"] : ["default", ["json", { outputFile: join(directory, `${name}.json`) }]];
}
