export { type PrismaDatabase, type PrismaHandle, type PrismaStorageOptions, prismaStorage } from "./prisma-storage";
