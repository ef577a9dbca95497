import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CHECKS } from "../../src/operate/doctor/run-checks";

const file = new URL("../../docs/doctor.md", import.meta.url);
const HEAD = "| check | why it matters | what to do |\n|---|---|---|\n";

/** A row for each check, from the list that the doctor runs. */
const rows = CHECKS.map(({ id, why, fix }) => `| \`${id}\` | ${why} | ${cell(fix)} |\n`);

/** As Markdown shows it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

it("docs/doctor.md has the checks of the code, word for word (UPDATE_DOCTOR=1 writes them)", () => {
  const page = readFileSync(file, "utf8");
  const [before = "", table = ""] = page.split(HEAD);
  const after = table.replace(/^(?:\|.*\n)*/, "");
  const made = before + HEAD + rows.join("") + after;
  if (process.env.UPDATE_DOCTOR === "1") writeFileSync(file, made);
  expect(readFileSync(file, "utf8")).toBe(made);
});

it("each line of the guide's production checklist names checks that there are, or a page", () => {
  const page = readFileSync(file, "utf8");
  const [, list = ""] = page.split("| the guide says | who looks |\n|---|---|\n");
  const lines = [...list.matchAll(/^\| (.+?) \| (.+) \|$/gm)].slice(0, 10);
  expect(lines).toHaveLength(10);
  const ids: readonly string[] = CHECKS.map(({ id }) => id);
  for (const [, said, who = ""] of lines) {
    const named = [...who.matchAll(/`([a-z]+\.[a-z-]+)`/g)].map(([, id = ""]) => id);
    expect(
      named.filter((id) => !ids.includes(id)),
      said,
    ).toEqual([]);
    expect(named.length > 0 || who.includes("]("), said).toBe(true);
  }
});
