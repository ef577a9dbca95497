import { Controller, Get, Header, Inject, Module, Post, Redirect } from "@nestjs/common";
import { checkoutUrl, som } from "payme-kit";
import { CASHBOX, type Cashbox } from "./cashbox.js";
import { Orders } from "./orders.js";
import { PaymeModule } from "./payme.module.js";

@Controller()
class ShopController {
  constructor(
    @Inject(Orders) private readonly orders: Orders,
    @Inject(CASHBOX) private readonly cashbox: Cashbox,
  ) {}

  @Get()
  @Header("Content-Type", "text/html; charset=utf-8")
  async page() {
    const list = (await this.orders.all()).map(({ id, som: price, status }) => `<li>${id}: ${price} som, ${status}`);
    return `<form method="post" action="/orders"><button>Buy</button></form><ul>${list.join("")}</ul>`;
  }

  @Post("orders")
  @Redirect(undefined, 303)
  async order() {
    const { id, som: price } = await this.orders.create();
    const { merchantId, checkoutHost: host } = this.cashbox;
    const { PUBLIC_URL: returnUrl = `http://127.0.0.1:${process.env.PORT ?? 3000}/` } = process.env;
    return { url: checkoutUrl({ merchantId, account: { order_id: id }, amount: som(price), returnUrl, host }) };
  }
}

/** The shop's own pages. */
@Module({ imports: [PaymeModule], controllers: [ShopController] })
export class ShopModule {}
