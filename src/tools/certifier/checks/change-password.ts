import { checksOf } from "../check";
import { rightCredentials, SANDBOX_WRONG_CREDENTIALS } from "../endpoint";
import { expectCode, expectResult, fail, skip, warn } from "../expect";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/sandbox";
import { isMissing } from "../stories/unknown-methods";

/** The checks of ChangePassword: today's docs do not have it, the sandbox still runs it. */
export const changePasswordChecks = checksOf("ChangePassword", [
  {
    id: "change-password.wrong-key",
    rule: "ChangePassword with a wrong key is refused with -32504",
    sandbox: "Неверная авторизация",
    source: PAYME.sandbox,
    mend: "Compare the key before ChangePassword, as before any other method.",
    async run(run) {
      // The valid key: an endpoint that lets anybody change it keeps the same key.
      const params = { password: run.caller.key };
      expectCode(await run.call("ChangePassword", params, { credentials: SANDBOX_WRONG_CREDENTIALS }), -32504);
    },
  },
  {
    id: "change-password.changed",
    rule: "after ChangePassword, the old key is refused with -32504 and the new key is accepted",
    sandbox: "Запрос к АПI cо старым паролем",
    source: `${PAYME.sandbox} (ChangePassword is not in today's docs; the sandbox was seen to run it)`,
    mend: "Store the new key, and compare only with it.",
    async run(run) {
      const { caller, otherKey } = run;
      if (otherKey === undefined) skip("it would change the key; give `otherKey` to change the key and restore it");
      const order = await freshOrder(run);
      const oldKey = caller.key;
      const change = await run.call("ChangePassword", { password: otherKey });
      if (change.error?.code === -32601) warn("success: true, or a change of the key by hand", change);
      // Without an answer, the key may still be changed: restore it first.
      if (change.error !== undefined) expectResult(change, { success: true });
      const asBefore = await run.call(
        "CheckPerformTransaction",
        { ...order },
        { credentials: rightCredentials(oldKey) },
      );
      const asNow = await run.call(
        "CheckPerformTransaction",
        { ...order },
        { credentials: rightCredentials(otherKey) },
      );
      const isChanged = asNow.error?.code !== -32504;
      if (isChanged) caller.changeKey(otherKey);
      const back = await run.call("ChangePassword", { password: oldKey });
      if (isChanged && back.result !== undefined) caller.changeKey(oldKey);
      if (!isChanged && (await isMissing(run, change))) warn("success: true, or a change of the key by hand", change);
      expectResult(change, { success: true });
      expectCode(asBefore, -32504);
      if (!isChanged) fail("the new key accepted", asNow);
      expectResult(back, { success: true });
    },
  },
]);
