import { createMockPayme } from "payme-kit/testing";
import { expect, it } from "vitest";
import { describeInBrowser, launch, openPage } from "./chromium";

describeInBrowser("payme-kit/client/browser", () => {
  it("makes and verifies a card in a page of another origin, with the cashbox's id alone", async () => {
    const { build } = await import("esbuild");
    const { outputFiles } = await build({
      entryPoints: ["dist/client/browser.js"],
      bundle: true,
      platform: "browser",
      format: "iife",
      globalName: "kit",
      write: false,
      logLevel: "error",
    });
    const mock = createMockPayme();
    const payme = await mock.listen();
    const { createServer } = await import("node:http");
    const shop = createServer((_request, response) =>
      response.setHeader("Content-Type", "text/html").end("<!doctype html>"),
    );
    await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
    const address = shop.address();
    const browser = await launch();
    try {
      const page = await openPage(browser, `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`);
      await page.addScriptTag({ content: outputFiles[0]?.text ?? "" });
      const card = await page.evaluate(`(async () => {
        const cards = kit.createCardClient({ merchantId: "${mock.merchantId}", mode: "test", apiUrl: "${payme.url}" });
        const { token } = await cards.create({ number: "8600 4954 7331 6478", expire: "03/99", save: true });
        await cards.getVerifyCode(token);
        return await cards.verify({ token, code: "666666" });
      })()`);
      expect(card).toMatchObject({ number: "860049******6478", verify: true, recurrent: true });
    } finally {
      await browser.close();
      shop.close();
      await payme.close();
    }
  });
});
