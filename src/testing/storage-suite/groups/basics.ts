import type { SuiteCase } from "../under-test";
import { bystanders } from "./basics-bystanders";
import { copies } from "./basics-copies";
import { eventBasics } from "./basics-events";
import { paymentBasics } from "./basics-payments";
import { transactionBasics } from "./basics-transactions";

/** What is stored, and how it is found again. */
export const basics: readonly SuiteCase[] = [
  ...transactionBasics,
  ...paymentBasics,
  ...eventBasics,
  ...bystanders,
  ...copies,
];
