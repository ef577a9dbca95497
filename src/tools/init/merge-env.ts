/**
 * Adds the settings of an example that a file does not have yet, each with the comment above it. What is there stays, and so does
 * a setting that is commented out.
 */
export function mergeEnv(before: string | undefined, template: string): string {
  if (before === undefined) return template;
  const has = (name: string) => new RegExp(`^\\s*#?\\s*(export\\s+)?${name}\\s*=`, "m").test(before);
  const blocks = template.trimEnd().split(/\n\n+/);
  const missing = blocks.flatMap((block) => {
    const lines = block.split("\n").map((line) => ({ line, name: /^(\w+)=/.exec(line)?.[1] }));
    const kept = lines.filter(({ name }) => name === undefined || !has(name));
    return kept.some(({ name }) => name !== undefined) ? [kept.map(({ line }) => line).join("\n")] : [];
  });
  if (missing.length === 0) return before;
  return `${[before.trimEnd(), ...missing].filter((text) => text !== "").join("\n\n")}\n`;
}
