/** The examples at the end of a command's help, one list for each kind of shell. */
export function examples({ posix, powershell }: { posix: readonly string[]; powershell: readonly string[] }): string {
  const block = (title: string, lines: readonly string[]) => [title, ...lines.map((line) => `  ${line}`)].join("\n");
  return `\n${block("Examples:", posix)}\n\n${block("In PowerShell:", powershell)}`;
}
