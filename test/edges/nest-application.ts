import "reflect-metadata";
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  HttpException,
  type INestApplication,
  Module,
  Post,
  UnauthorizedException,
  ValidationPipe,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

// Decorators are called as the functions that they are: the test runner does not translate them.

class OrdersController {
  create() {
    return {};
  }
}
Post()(
  OrdersController.prototype,
  "create",
  Object.getOwnPropertyDescriptor(OrdersController.prototype, "create") ?? {},
);
Controller("orders")(OrdersController);

class AppModule {}
Module({ controllers: [OrdersController] })(AppModule);

/** Answers every exception in the shop's own way, which Payme could not read. */
class ShopFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const status = error instanceof HttpException ? error.getStatus() : 500;
    host.switchToHttp().getResponse().status(status).json({ filtered: true });
  }
}
Catch()(ShopFilter);

/** A Nest application in which everything stands in Payme's way: nobody has a session, and nothing is valid. */
export async function nestApplication(): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule, { logger: false });
  app.setGlobalPrefix("api");
  app.useGlobalGuards({
    canActivate() {
      throw new UnauthorizedException();
    },
  });
  app.useGlobalFilters(new ShopFilter());
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
  return app;
}
