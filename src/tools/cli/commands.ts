// One line for each command. Help lists them by name.
export { callCommand } from "./call";
export { certifyCommand } from "./certify";
export { doctorCommand } from "./doctor";
export { linkCommand } from "./link";
export { mockCommand } from "./mock";
export { recordCommand } from "./record";
export { schemaCommand } from "./schema";
export { signCommand } from "./sign";
export { storyCommand } from "./story";
export { triggerCommand } from "./trigger";
