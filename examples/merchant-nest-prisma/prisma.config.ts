import { defineConfig } from "prisma/config";

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // The build needs no database.
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://localhost/shop" },
});
