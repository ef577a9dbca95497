export {
  type PrismaDatabase,
  type PrismaHandle,
  type PrismaStorageOptions,
  prismaStorage,
} from "../storage/prisma/prisma-storage";
