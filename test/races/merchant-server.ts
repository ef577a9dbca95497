import { createServer } from "node:http";
import * as z from "zod";
import { nodeMerchant } from "../../src/entry/node";
import { openRacingShop } from "./merchant-shop";

/** A shop's server in a process of its own: says on which port it listens, and ends when whoever started it does. */
const [address, variant] = z.tuple([z.string(), z.enum(["guarded", "unguarded"])]).parse(process.argv.slice(2));
const { merchant, ready } = openRacingShop(address, variant);
await ready;
const server = createServer(nodeMerchant(merchant)).listen(0, "127.0.0.1", () => process.send?.(server.address()));
process.once("disconnect", () => process.exit());
