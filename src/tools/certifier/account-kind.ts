/**
 * How an account is paid: once; any number of times with any amount; or any number of times, each time at the same price.
 */
export type AccountKind = "one-time" | "accumulative" | "fixed-price";

/** The kinds of account whose amount is fixed, and the kinds that are paid again. */
export const PRICED: readonly AccountKind[] = ["one-time", "fixed-price"];
export const REPEATABLE: readonly AccountKind[] = ["accumulative", "fixed-price"];
export const ONE_TIME: readonly AccountKind[] = ["one-time"];
