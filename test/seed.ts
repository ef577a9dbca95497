import * as fc from "fast-check";

/** `SEED=…` repeats a run of all random tests, also of those that name no seed of their own. */
const { SEED } = process.env;
if (SEED !== undefined) fc.configureGlobal({ seed: Number(SEED) });
