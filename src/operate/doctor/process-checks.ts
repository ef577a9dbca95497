import { isRecord } from "../../kit/json";
import { MerchantErrorCode } from "../../protocol/codes";
import { READ_CALL } from "./ask-endpoint";
import { fileOf } from "./database-checks";
import { type Check, right, wrong } from "./finding";

export const processChecks: readonly Check[] = [
  {
    id: "process.memory",
    after: ["database.reached"],
    why: "Each restart forgets every payment.",
    fix: "Use sqliteStorage or postgresStorage: docs/storage.md.",
    async look({ storage, isProduction, database }) {
      if (storage === undefined || !isProduction) return undefined;
      const isInMemory = "published" in storage || (await fileOf(database)) === "";
      return isInMemory ? wrong("NODE_ENV is production, and the books are in memory") : right("not in memory");
    },
  },
  {
    id: "process.worker",
    why: "Payments that were paid and not notified, refunds and expired transactions wait for it.",
    fix: "Look for `a job failed` in the log, and mend that; a job that never ends needs a restart.",
    async look({ worker }) {
      if (worker === undefined) return undefined;
      const late = worker.health().jobs.filter(({ isLate }) => isLate);
      if (late.length === 0) return right("every job of this process runs when it should");
      return wrong(`late: ${late.map(({ job, failures }) => `${job} (${failures} failures in a row)`).join(", ")}`);
    },
  },
  {
    id: "process.merchant-key",
    why: "While the endpoint cannot read its key, each call of Payme is a system error.",
    fix: "Set the variable that the function `key` reads; the log has the reason.",
    async look({ merchant }) {
      const headers = { authorization: `Basic ${btoa("Paycom:not-a-key")}` };
      const { body } = (await merchant?.handle({ method: "POST", headers, body: READ_CALL })) ?? {};
      if (body === undefined) return undefined;
      const answer: unknown = typeof body === "string" ? JSON.parse(body) : undefined;
      const code = isRecord(answer) && isRecord(answer.error) ? answer.error.code : undefined;
      const isRead = code === MerchantErrorCode.INSUFFICIENT_PRIVILEGES;
      return (isRead ? right : wrong)(`in this process a wrong key is answered ${String(code)}`);
    },
  },
];
