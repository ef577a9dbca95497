/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects what is wrong with them, so that one message can name it all. */
export function settingsReader(env: Environment) {
  const problems: string[] = [];
  const problem = (name: string, text: string) => void problems.push(`${name} ${text}`);
  const text = (name: string) => (env[name] === "" ? undefined : env[name]);
  return {
    problems,
    problem,
    /** The variable; undefined where it is unset or empty. */
    text,
    /** A secret, and with it the one that counts as well while it is changed: `NAME` and `NAME_ALSO`. */
    withSecond: (name: string) => [name, `${name}_ALSO`].flatMap((each) => text(each) ?? []),
    wholeNumber(name: string, { min, max, fallback }: { min: number; max: number; fallback: number }): number {
      const value = text(name);
      if (value === undefined) return fallback;
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      problem(name, `must be a whole number from ${min} to ${max}`);
      return fallback;
    },
    oneOf(name: string, words: readonly string[], fallback: string): string {
      const value = text(name) ?? fallback;
      if (!words.includes(value)) problem(name, `must be one of ${words.join(", ")}`);
      return value;
    },
  };
}

/** The problems in the message of `paymeConfigFromEnv`: its lines that begin with a dash. */
export function problemLinesOf(message: string): string[] {
  const lines = message.split("\n").filter((line) => line.startsWith("- "));
  return lines.length === 0 ? [message] : lines.map((line) => line.slice(2));
}
