import { describe, it } from "vitest";
import { storageSuite } from "../../src/entry/testing";
import { memoryKit } from "./kits";

storageSuite({ runner: { describe, it }, name: "memoryStorage", create: memoryKit, durable: false });
