export { type MockHandlersOptions, mockPaymeHandlers } from "../../testing/msw";
