import type { Check } from "../check";
import { rightCredentials, SANDBOX_WRONG_CREDENTIALS } from "../credentials";
import { expectCode, expectResult, fail, skip, warn } from "../expect";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/unconfirmed";

/** Payme sets another key. Of old, not in the docs any more, still run by the sandbox. */
export const changePasswordChecks: readonly Check[] = [
  {
    id: "change-password.wrong-key",
    method: "ChangePassword",
    rule: "a wrong key is refused with -32504 to ChangePassword too",
    sandbox: "Неверная авторизация",
    source: PAYME.sandbox,
    mend: "Compare the key before ChangePassword as before any other method.",
    async run(run) {
      // The key that is valid already: an endpoint that lets anybody change it is left as it was.
      const params = { password: run.caller.key };
      expectCode(await run.call("ChangePassword", params, { credentials: SANDBOX_WRONG_CREDENTIALS }), -32504);
    },
  },
  {
    id: "change-password.changed",
    method: "ChangePassword",
    rule: "after ChangePassword the old key is refused with -32504 and the new one let in",
    sandbox: "Запрос к АПI cо старым паролем",
    source: `${PAYME.sandbox} (ChangePassword is not in today's docs; the sandbox was seen to run it)`,
    mend: "Keep the new key for good and compare with that one only.",
    async run(run) {
      const { caller, otherKey } = run;
      if (otherKey === undefined) skip("it would change the key; give `otherKey` to have it tried and set back");
      const order = await freshOrder(run);
      const oldKey = caller.key;
      const change = await run.call("ChangePassword", { password: otherKey });
      if (change.error?.code === -32601) warn("success: true, or the key is changed by hand", change);
      // Unanswered, it may have been changed all the same: it is set back first.
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
      expectResult(change, { success: true });
      expectCode(asBefore, -32504);
      if (!isChanged) fail("the new key is let in", asNow);
      expectResult(back, { success: true });
    },
  },
];
