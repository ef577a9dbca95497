import { Controller, Get, Header, Inject, Module, Post, Redirect } from "@nestjs/common";
import { checkoutUrl, som } from "payme-kit";
import { CASHBOX, type Cashbox } from "./cashbox.js";
import { Orders } from "./orders.js";
import { PaymeModule } from "./payme.module.js";

@Controller("payme-shop")
class PaymeShopController {
  constructor(
    @Inject(Orders) private readonly orders: Orders,
    @Inject(CASHBOX) private readonly cashbox: Cashbox,
  ) {}

  @Get()
  @Header("Content-Type", "text/html; charset=utf-8")
  async page() {
    const list = (await this.orders.all()).map(({ id, som: price, status }) => `<li>${id}: ${price} som, ${status}`);
    return `<form method="post"><button>Buy</button></form><ul>${list.join("")}</ul>`;
  }

  @Post()
  @Redirect(undefined, 303)
  async order() {
    const { id, som: price } = await this.orders.create();
    const { merchantId, checkoutHost: host } = this.cashbox;
    const { PUBLIC_URL: returnUrl = `http://127.0.0.1:${process.env.PORT ?? 3000}/payme-shop` } = process.env;
    return { url: checkoutUrl({ merchantId, account: { order_id: id }, amount: som(price), returnUrl, host }) };
  }
}

/** A page to try it: the orders, and a button. Yours takes its place. */
@Module({ imports: [PaymeModule], controllers: [PaymeShopController] })
export class PaymeShopModule {}
