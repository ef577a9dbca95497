import { existsSync } from "node:fs";
import { defineConfig } from "prisma/config";

if (existsSync(".env")) process.loadEnvFile(); // what the environment has already wins

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // The build needs no database.
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://localhost/shop" },
});
