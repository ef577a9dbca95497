export { type AdminHandler, type AdminOptions, adminHandler } from "../admin/admin-handler";
export type { AdminParts, Operator, Permission } from "../admin/view";
