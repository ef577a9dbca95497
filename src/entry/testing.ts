export { type CardBehaviour, type CardInput, TEST_CARDS, type TestCard } from "../testing/mock/cards";
export type { CashboxOptions } from "../testing/mock/cashbox";
export { DEFAULT_CHOICES, type MockChoices } from "../testing/mock/choices";
export type { DisagreementOptions, MerchantRow } from "../testing/mock/disagreements";
export type { MockExchange } from "../testing/mock/exchange-log";
export type { ActiveFault, FaultKind, FaultRule, FaultRules } from "../testing/mock/faults";
export type {
  MerchantAnswer,
  MerchantMethodName,
  MerchantNoAnswer,
  MerchantRefusal,
  MerchantResult,
} from "../testing/mock/merchant/answer";
export type {
  MerchantCaller,
  MerchantCallerOptions,
  MerchantOrder,
  MerchantPayment,
  MerchantPayOptions,
} from "../testing/mock/merchant/caller";
export type { StatementPeriod } from "../testing/mock/merchant/compare-books";
export type { Disagreement } from "../testing/mock/merchant/disagreement";
export type { MockTransaction } from "../testing/mock/merchant/merchant-book";
export type { MerchantLineOptions } from "../testing/mock/merchant/merchant-line";
export type { MockPaymeOptions } from "../testing/mock/mock-payme-options";
export type { MockReceipt } from "../testing/mock/mock-receipt";
export type { MoneyMovement, MoneyMovementKind, MoneyTotals } from "../testing/mock/money-book";
export type { MockNotification, NotifyOptions } from "../testing/mock/notifications";
export type { PayOutcome } from "../testing/mock/pay-receipt";
export type { MockSnapshot } from "../testing/mock/snapshot";
export type { MockCard, MockCashbox } from "../testing/mock/views";
export { signTestWebhook, type TestWebhook } from "../testing/sign-test-webhook";
export { StorageSuiteFailure } from "../testing/storage-suite/check";
export { type StorageSuiteGroup, storageSuiteGroups } from "../testing/storage-suite/groups/index";
export { type SuiteProcess, serveStorageSuite } from "../testing/storage-suite/second-process";
export { type StorageSuiteOptions, storageSuite } from "../testing/storage-suite/storage-suite";
export type {
  CreateStorageUnderTest,
  HostRows,
  StorageUnderTest,
  SuiteRunner,
} from "../testing/storage-suite/under-test";
export { type StorageWitness, type StorageWitnessTables, sqlWitness } from "../testing/storage-suite/witness";
export { type AdvanceOptions, createTestClock, type TestClock, type TestClockOptions } from "../testing/test-clock";
export type { CertifierCall } from "../tools/certifier/caller";
export { CertifierError } from "../tools/certifier/certifier-error";
export { type CertifyOptions, type CertifyResult, certify, ORDERS_NEEDED } from "../tools/certifier/certify";
export type { CertifiedMethod, CheckResult } from "../tools/certifier/check";
export type { CertifiedEndpoint } from "../tools/certifier/endpoint";
export { tellCheck, tellFailure } from "../tools/certifier/report";
export type { CertifiedOrder } from "../tools/certifier/run";
export { createMockPayme, type MockPayme } from "../tools/mock-server/mock-payme";
export type { MockServer, ServeOptions } from "../tools/mock-server/server";
