import { benchClientCall } from "./client-call";
import { benchImport } from "./import-time";
import { benchMerchantHttp } from "./merchant-http";
import { benchMerchantInProcess } from "./merchant-in-process";
import { benchSettle } from "./settle";
import { benchSettlePostgres } from "./settle-postgres";
import { benchStatement } from "./statement";
import { benchVerifyAndParse } from "./verify-and-parse";

console.log(" ratio  wanted    what (each beside a floor of bare code in the same run)");
await benchVerifyAndParse();
await benchSettle();
await benchSettlePostgres();
await benchMerchantInProcess();
await benchMerchantHttp();
await benchStatement();
await benchClientCall();
benchImport();
