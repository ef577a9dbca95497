import type { Answer } from "../caller";
import { checksOf } from "../check";
import { expectResult, fail, reached, skip, warn } from "../expect";
import type { Run } from "../run";
import { PAYME } from "../sources";
import { performed, refunded } from "../stories/sandbox";
import { isMissing } from "../stories/unknown-methods";
import { UNKNOWN_ID } from "./common";

const FISCAL_DATA = {
  receipt_id: 341,
  status_code: 0,
  message: "accepted",
  terminal_id: "EP000000000777",
  fiscal_sign: "700012345678",
  qr_code_url: "https://ofd.example/check?r=341",
  date: "20260101050105",
};

/** The checks of SetFiscalData. The method is optional. */
export const fiscalDataChecks = checksOf("SetFiscalData", [
  {
    id: "fiscal.success",
    rule: "fiscal data of a performed transaction are accepted, also repeated, and those of a refund: `success: true`",
    source: `${PAYME.fiscal} (optional)`,
    mend: "Store them by transaction and type (PERFORM, CANCEL), and answer `{ success: true }`.",
    async run(run) {
      const { wanted, perform } = await performed(run);
      reached(perform);
      const isRefunded = (await refunded(run)).cancel.result !== undefined;
      for (const type of ["PERFORM", "PERFORM", ...(isRefunded ? ["CANCEL"] : [])]) {
        const answer = await setFiscalData(run, wanted.id, type);
        if (await isMissing(run, answer)) warn("success: true", answer, "the method is missing: it is optional");
        expectResult(answer, { success: true });
      }
    },
  },
  {
    id: "fiscal.unknown",
    rule: "fiscal data of an unknown receipt are refused with -32001",
    source: PAYME.fiscal,
    mend: "Answer -32001 where you do not have the transaction.",
    async run(run) {
      const answer = await setFiscalData(run, UNKNOWN_ID);
      if (await isMissing(run, answer)) skip("the method is missing: it is optional");
      if (answer.body === undefined) fail("error -32001", answer);
      if (answer.error?.code !== -32001) warn("error -32001", answer);
    },
  },
]);

function setFiscalData(run: Run, id: string, type = "PERFORM"): Promise<Answer> {
  return run.call("SetFiscalData", { id, type, fiscal_data: FISCAL_DATA });
}
