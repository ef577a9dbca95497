import { benchCheckBesideHook } from "./check-beside-hook";
import { benchClientCall } from "./client-call";
import { benchImport } from "./import-time";
import { benchMerchantHttp } from "./merchant-http";
import { benchMerchantInProcess } from "./merchant-in-process";
import { benchMockWeight } from "./mock-weight";
import { benchNoListener } from "./no-listener";
import { benchSettle } from "./settle";
import { benchSettleOrms } from "./settle-orms";
import { benchSettlePostgres } from "./settle-postgres";
import { benchSettleWhileHanging } from "./settle-while-hanging";
import { benchStatement } from "./statement";
import { benchVerifyAndParse } from "./verify-and-parse";

const BENCHES = [
  benchVerifyAndParse,
  benchSettle,
  benchSettleWhileHanging,
  benchSettlePostgres,
  benchSettleOrms,
  benchMerchantInProcess,
  benchCheckBesideHook,
  benchNoListener,
  benchMerchantHttp,
  benchStatement,
  benchClientCall,
  benchImport,
  benchMockWeight,
];

console.log(" ratio  wanted    what (each beside a floor of bare code in the same run)");
for (const bench of BENCHES) {
  try {
    await bench();
  } catch (error) {
    // The others are measured all the same.
    console.log(`  failed: ${bench.name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
