import starlight from "@astrojs/starlight";
import { defineConfig, passthroughImageService } from "astro/config";
import { sidebar } from "./sidebar.mjs";

export default defineConfig({
  trailingSlash: "always",
  image: { service: passthroughImageService() },
  integrations: [
    starlight({
      title: "payme-kit",
      description: "Payments in Uzbekistan through Payme (Paycom), from TypeScript.",
      locales: {
        root: { label: "English", lang: "en" },
        uz: { label: "O‘zbekcha", lang: "uz" },
        ru: { label: "Русский", lang: "ru" },
      },
      components: {
        MarkdownContent: "./src/components/MarkdownContent.astro",
        PageTitle: "./src/components/PageTitle.astro",
      },
      // A long line breaks, so that nobody has to scroll sideways; a drawing in text stays as it is.
      expressiveCode: { defaultProps: { wrap: true, overridesByLang: { text: { wrap: false } } } },
      pagefind: { ranking: { termFrequency: 1 } },
      customCss: ["./src/styles/site.css"],
      sidebar: sidebar(),
    }),
  ],
});
