import type { Check } from "../check";
import { authorizationChecks } from "./authorization";
import { cancelChecks } from "./cancel-transaction";
import { changePasswordChecks } from "./change-password";
import { checkPerformChecks } from "./check-perform-transaction";
import { checkTransactionChecks } from "./check-transaction";
import { createChecks } from "./create-transaction";
import { statementChecks } from "./get-statement";
import { everyAnswerChecks, httpChecks, reachedChecks } from "./http";
import { jsonRpcChecks } from "./json-rpc";
import { performChecks } from "./perform-transaction";
import { fiscalDataChecks } from "./set-fiscal-data";
import { twelveHoursChecks } from "./twelve-hours";
import { wrongDataChecks } from "./wrong-data";

/** All checks in their order: the sandbox's wrong data, its two scenarios, then the checks that it does not have. */
export const certifierChecks: readonly Check[] = [
  ...reachedChecks,
  ...authorizationChecks,
  ...httpChecks,
  ...jsonRpcChecks,
  ...wrongDataChecks,
  ...checkPerformChecks,
  ...createChecks,
  ...checkTransactionChecks,
  ...performChecks,
  ...cancelChecks,
  ...twelveHoursChecks,
  ...fiscalDataChecks,
  ...statementChecks,
  ...changePasswordChecks,
  ...everyAnswerChecks,
];
