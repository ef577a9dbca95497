export type { CardBehaviour, CardInput, TestCard } from "../mock/cards";
export { TEST_CARDS } from "../mock/cards";
export type { FaultKind, FaultRule, Faults } from "../mock/faults";
export { createMockPayme, type MockPayme, type MockPaymeOptions, type PayOutcome } from "../mock/mock-payme";
export type { Notification, NotifyOptions } from "../mock/notifications";
export type { MockReceipt } from "../mock/receipt-book";
export type { MockServer, ServeOptions } from "../mock/server";
export { signTestWebhook, type TestWebhook } from "./sign-test-webhook";
export { StorageSuiteFailure } from "./storage-suite/check";
export {
  type StorageSuiteGroup,
  type StorageSuiteOptions,
  storageSuite,
  storageSuiteGroups,
} from "./storage-suite/storage-suite";
export type { CreateStorageUnderTest, HostRows, StorageUnderTest, SuiteRunner } from "./storage-suite/under-test";
