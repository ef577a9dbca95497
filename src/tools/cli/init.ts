import { EXAMPLES } from "../init/examples";
import { InitError } from "../init/init-error";
import { isChange, type Plan, type PlannedFile, planFiles, writeFiles } from "../init/plan";
import { type Project, readProject } from "../init/project";
import { shortDiff } from "../init/short-diff";
import type { AddCommand } from "./add-command";
import { examples } from "./examples";
import { type CliIo, ExitCode, UsageError } from "./io";
import { complain, paint } from "./paint";

interface Flags {
  readonly dir?: string;
  readonly dryRun?: true;
  readonly force?: true;
  readonly yes?: true;
  readonly json?: true;
}

const LIST = EXAMPLES.map(({ name, about }) => `  ${name.padEnd(22)} ${about}`);

/** `payme-kit init`: puts one of the tested examples into a project. */
export const initCommand: AddCommand = (command, io, end) => {
  command
    .option("--dir <folder>", "where the sources go (default: src/payme where there is src, else payme)")
    .option("--dry-run", "show what would be written, and write nothing")
    .option("--yes", "write without asking")
    .option("--force", "also overwrite files that differ: what they say is lost")
    .option("--json", "print one JSON document: {example, dir, isWritten, files, next}")
    .addHelpText(
      "after",
      `\nExamples to put in (default: the one of the framework in package.json):\n${LIST.join("\n")}`,
    )
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit init",
          "npx payme-kit init express --dir src/payments --dry-run",
          "npx payme-kit init hono --yes --json",
        ],
        powershell: ["npx payme-kit init", "npx payme-kit init express --dir src/payments --dry-run"],
      }),
    )
    .addHelpText(
      "after",
      "\nA second run finds nothing to do. It overwrites nothing of yours without --force.\n\n" +
        "Exit code 0: written, or nothing to do. 1: a file differs, nothing is written. 2: could not run, or not confirmed.",
    )
    .action(async (name: string | undefined, flags: Flags) => {
      try {
        end(await run(name, flags, io));
      } catch (error) {
        throw error instanceof InitError ? new UsageError(error.message) : error;
      }
    });
};

async function run(name: string | undefined, flags: Flags, io: CliIo): Promise<ExitCode> {
  const project = readProject(io.cwd, name, flags.dir);
  const { example, why } = project;
  const plan = planFiles(project);
  const { files } = plan;
  const changes = files.filter(isChange);
  const lost = flags.force === true ? [] : files.filter(({ state }) => state === "differs");
  const next = nextSteps(project, plan);
  const isJson = flags.json === true;
  if (!isJson) {
    io.out(`The example ${example.name}, into ${project.place.dir}/${why === undefined ? "" : ` (${why})`}:\n`);
    for (const file of files) io.out(textOf(file, io));
    io.out("");
  }
  const isWritten = lost.length === 0 && changes.length > 0 && flags.dryRun !== true;
  if (isWritten) {
    await confirm(changes.length, flags, io);
    writeFiles(project, files);
  }
  if (isJson) {
    const shown = files.map(({ path, state, before, after }) => {
      return { path, state, diff: before === undefined || state === "yours" ? [] : shortDiff(before, after) };
    });
    io.out(JSON.stringify({ example: example.name, dir: project.place.dir, isWritten, files: shown, next }, null, 2));
  }
  if (lost.length > 0) {
    const paths = lost.map(({ path }) => path).join(", ");
    complain(
      io,
      `${paths} would lose what you wrote, so nothing is written. Give another --dir, rename your scripts, or overwrite with --force.`,
    );
    return ExitCode.FOUND;
  }
  if (isJson) return ExitCode.OK;
  if (isWritten) io.out(["Written. Next:", ...next.map((step, index) => `  ${index + 1}. ${step}`)].join("\n"));
  else io.out(changes.length === 0 ? "There is nothing to do." : "A dry run: nothing is written.");
  return ExitCode.OK;
}

/** @throws UsageError unless the person agrees, here or by `--yes`. */
async function confirm(count: number, { yes, json }: Flags, io: CliIo): Promise<void> {
  if (yes === true) return;
  if (json === true || io.ask === undefined) {
    throw new UsageError("nobody is asked here, so nothing is written: give --yes, or --dry-run to look");
  }
  const answer = await io.ask(`Write ${count} ${count === 1 ? "file" : "files"}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError("not confirmed: nothing is written");
}

function nextSteps({ manager, place, example }: Project, { files, left }: Plan): string[] {
  const { prepare, start = "{run} payme", set, sources, next } = example;
  const isCertified = files.some(({ path }) => path.endsWith(`/new-order${place.extension}`));
  const certify = "; set the keys in .env (see .env.example), start it, then {run} payme:certify";
  const mock = "without keys in .env, Payme is a mock on this machine (test card 8600 4954 7331 6478, 03/99)";
  const install = `${manager} install`;
  const test = "{run} payme:test";
  const steps = [
    sources === undefined ? `${install}, then ${test}: the tests that came with it` : install,
    ...left.flatMap(({ byHand = [] }) => byHand),
    ...[prepare ?? []].flat(),
    `${start}${set === undefined ? "" : ` (set ${set} in .env first)`}: ${mock}`,
    ...(sources === undefined
      ? []
      : [`${test}, with the DATABASE_URL of another database: "test" is in its name, and it is emptied`]),
    next + (isCertified ? certify : ""),
  ];
  const known: Readonly<Record<string, string>> = { run: `${manager} run`, dir: place.dir, ext: place.extension };
  return steps.map((step) => step.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? name));
}

const COLOURS = { new: "green", same: "gray", adds: "yellow", differs: "red", yours: "gray" } as const;

function textOf({ path, state, before, after }: PlannedFile, io: CliIo): string {
  const colour = (line: string) => paint(io, "out", line.startsWith("-") ? "red" : "green", line);
  const head = `${paint(io, "out", COLOURS[state], state.padEnd(7))}  ${path}`;
  if (state === "yours") return `${head} (left to you)`;
  if (state === "new") return `${head} (${after.trimEnd().split("\n").length} lines)`;
  return [head, ...shortDiff(before ?? "", after).map((line) => `         ${colour(line)}`)].join("\n");
}
