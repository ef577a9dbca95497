export { type AdminHandler, type AdminOptions, adminHandler } from "../admin/admin-handler";
export type { AdminParts } from "../admin/parts";
export type { Operator, Permission } from "../admin/view";
