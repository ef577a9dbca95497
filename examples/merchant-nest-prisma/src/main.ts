import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { mountPayme } from "./payme/payme.module.js";
import { PaymeShopModule } from "./payme/payme-shop.module.js";

async function main() {
  const app = await NestFactory.create(PaymeShopModule);
  mountPayme(app);
  app.enableShutdownHooks();
  const port = process.env.PORT ?? 3000;
  await app.listen(port, "127.0.0.1");
  console.log(`The shop is at http://127.0.0.1:${port}/payme-shop`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
