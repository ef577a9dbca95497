import { benchClientCall } from "./client-call";
import { benchImport } from "./import-time";
import { benchSettle } from "./settle";
import { benchVerifyAndParse } from "./verify-and-parse";

console.log(" ratio  wanted    what (each beside a floor of bare code in the same run)");
await benchVerifyAndParse();
await benchSettle();
await benchClientCall();
benchImport();
