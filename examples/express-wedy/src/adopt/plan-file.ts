import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { AdoptStop } from "./stop";

/** Where the plan is, in the folder of the start. */
export const PLAN_FILE = "adopt-plan.json";

/** A finding, and what it stands on. `is` is null where the rows do not say: a person answers, in the file. */
const finding = <Answer extends z.ZodType>(answer: Answer) =>
  z.strictObject({ is: answer.nullable(), why: z.string() });

const clock = finding(z.string().regex(/^(UTC|[+-]\d\d:\d\d)$/, 'give "UTC" or an offset like "+05:00"'));

const schema = z.strictObject({
  version: z.literal(1),
  /** Which database it is for; without user and password. */
  database: z.string(),
  rows: z.int(),
  unit: finding(z.enum(["som", "tiyin"])),
  clock: z.strictObject({
    created_at: clock,
    paid_at: clock,
    updated_at: clock,
    webhook_received_at: clock,
    tariff_expires_at: clock,
  }),
  statuses: z.record(z.string(), finding(z.enum(["PENDING", "PAID", "CANCELLED", "FAILED"]))),
  roles: z.record(z.string(), z.strictObject({ is: z.enum(["user", "admin", "refused"]), why: z.string() })),
  /** Ids of rows that stay in the kept table alone. */
  leave_out: z.strictObject({ payments: z.array(z.string()), users: z.array(z.string()) }),
  notes: z.array(z.string()),
});

export type Plan = z.infer<typeof schema>;
export type TimeColumn = keyof Plan["clock"];
export type Finding<Answer> = { readonly is: Answer | null; readonly why: string };

/** Writes the plan. One that is there is put aside: a person's answers may be in it. */
export function writePlan(folder: string, plan: Plan): void {
  const file = join(folder, PLAN_FILE);
  try {
    renameSync(file, file.replace(/\.json$/, ".previous.json"));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  writeFileSync(file, `${JSON.stringify(plan, null, 2)}\n`);
}

/** Reads the plan of this database. @throws AdoptStop where there is none that can be used. */
export function readPlan(folder: string, database: string): Plan {
  const plan = schema.safeParse(parsed(join(folder, PLAN_FILE)));
  if (!plan.success) {
    throw new AdoptStop(`${PLAN_FILE} has faults; mend them, or run inspect again:\n${z.prettifyError(plan.error)}`);
  }
  if (plan.data.database === database) return plan.data;
  throw new AdoptStop(
    `${PLAN_FILE} is for ${plan.data.database}, and DATABASE_URL names ${database}. Run inspect again, or mend DATABASE_URL.`,
  );
}

/** The questions that the plan leaves open. */
export function openQuestions({ unit, clock, statuses }: Plan): string[] {
  const findings: [name: string, found: Finding<string>][] = [
    ["unit", unit],
    ...Object.entries(clock).map(([column, found]): [string, Finding<string>] => [`clock.${column}`, found]),
    ...Object.entries(statuses).map(([word, found]): [string, Finding<string>] => [`statuses.${word}`, found]),
  ];
  return findings.filter(([, { is }]) => is === null).map(([name, { why }]) => `${name}: ${why}`);
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    const problem = isAbsent ? "is not here" : "is no JSON";
    throw new AdoptStop(`${PLAN_FILE} ${problem}. Run first: npm run adopt -- inspect`);
  }
}
