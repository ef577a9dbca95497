import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { mountPayme } from "./payme.module.js";
import { ShopModule } from "./shop.module.js";

async function main() {
  const app = await NestFactory.create(ShopModule);
  mountPayme(app);
  app.enableShutdownHooks();
  await app.listen(process.env.PORT ?? 3000, "127.0.0.1");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
