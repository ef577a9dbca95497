import { isRecord } from "../../kit/json";
import { MerchantErrorCode } from "../../protocol/codes";
import { READ_CALL } from "./ask-endpoint";
import { checksOf } from "./check";
import { right, wrong } from "./finding";

export const processChecks = [
  ...checksOf("process", ({ storage }) => storage, [
    {
      id: "memory",
      looksAt: "the storage is not in memory in production",
      why: "Each restart forgets every payment.",
      async look(storage, { isProduction, database }) {
        const rows = await (database?.sql.dialect === "sqlite"
          ? database.sql.read((executor) => executor.execute("SELECT file FROM pragma_database_list WHERE name = 'main'", []))
          : []);
        const isInMemory = "published" in storage || rows[0]?.file === "";
        if (!isInMemory) return right("the books outlive the process");
        const saw = `the books are in memory, NODE_ENV is ${isProduction ? "" : "not "}production`;
        return isProduction ? wrong(saw, "Use sqliteStorage or postgresStorage: docs/storage.md") : right(saw);
      },
    },
  ]),
  ...checksOf("process", ({ merchant }) => merchant, [
    {
      id: "merchant-key",
      looksAt: "the endpoint of this process can read its key",
      why: "Until then each call of Payme is a system error.",
      async look(merchant) {
        const headers = { authorization: `Basic ${btoa("Paycom:not-a-key")}` };
        const { body } = await merchant.handle({ method: "POST", headers, body: READ_CALL });
        const answer: unknown = typeof body === "string" ? JSON.parse(body) : undefined;
        const code = isRecord(answer) && isRecord(answer.error) ? answer.error.code : undefined;
        if (code === MerchantErrorCode.INSUFFICIENT_PRIVILEGES) return right("the key is read");
        return wrong(`a wrong key is answered ${String(code)}`, "Set the variable that the function key reads; the log has the reason.");
      },
    },
  ]),
];
