export type { Exchange } from "../certifier/caller";
export { CertifierError } from "../certifier/certifier-error";
export {
  type Certificate,
  type CertifyOptions,
  certify,
  ORDERS_NEEDED,
} from "../certifier/certify";
export type { CheckedMethod, CheckResult } from "../certifier/check";
export type { Endpoint } from "../certifier/endpoint";
export { tellCheck, tellFailure } from "../certifier/report";
export type { CertifiedOrder } from "../certifier/run";
export type { CardBehaviour, CardInput, TestCard } from "../mock/cards";
export { TEST_CARDS } from "../mock/cards";
export type { CashboxOptions } from "../mock/cashbox";
export { DEFAULT_CHOICES, type MockChoices } from "../mock/choices";
export type { DisagreementOptions, MerchantRow } from "../mock/disagreements";
export type { MockExchange } from "../mock/exchange-log";
export type { FaultCount, FaultKind, FaultRule, Faults } from "../mock/faults";
export type {
  MerchantAnswer,
  MerchantMethodName,
  MerchantRefusal,
  MerchantResult,
  MerchantSilence,
} from "../mock/merchant/answer";
export type { MockTransaction } from "../mock/merchant/book-entry";
export type { Period } from "../mock/merchant/compare-books";
export type { Disagreement } from "../mock/merchant/disagreement";
export type { MerchantLineOptions } from "../mock/merchant/merchant-line";
export type { MerchantOrder, MerchantPayment } from "../mock/merchant/pay-merchant";
export type { MerchantCaller, MerchantCallerOptions, PayOptions } from "../mock/merchant-caller";
export { createMockPayme, type MockPayme } from "../mock/mock-payme";
export type { MockPaymeOptions } from "../mock/mock-payme-options";
export type { MockReceipt } from "../mock/mock-receipt";
export type { MoneyTotals, Movement, MovementKind } from "../mock/money-book";
export type { Notification, NotifyOptions } from "../mock/notifications";
export type { PayOutcome } from "../mock/pay-receipt";
export type { MockServer, ServeOptions } from "../mock/server";
export type { MockSnapshot } from "../mock/snapshot";
export type { MockCard, MockCashbox } from "../mock/views";
export type { ReplayDifference } from "../recording/compare-answers";
export { compareWithMock, type MockComparison } from "../recording/compare-with-mock";
export { type AnsweredQuestion, openQuestions } from "../recording/open-questions";
export { parseRecording } from "../recording/parse-recording";
export type { RecordedExchange, Recording } from "../recording/recording";
export { type ReplayFetchOptions, replayFetch } from "../recording/replay-fetch";
export { type MerchantReplay, type ReplayToMerchantOptions, replayToMerchant } from "../recording/replay-to-merchant";
export { signTestWebhook, type TestWebhook } from "./sign-test-webhook";
export { StorageSuiteFailure } from "./storage-suite/check";
export { type StorageSuiteGroup, storageSuiteGroups } from "./storage-suite/groups";
export { type SuiteProcess, serveStorageSuite } from "./storage-suite/second-process";
export { type StorageSuiteOptions, storageSuite } from "./storage-suite/storage-suite";
export type { CreateStorageUnderTest, HostRows, StorageUnderTest, SuiteRunner } from "./storage-suite/under-test";
export { sqlWitness, type Witness, type WitnessTables } from "./storage-suite/witness";
