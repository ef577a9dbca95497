import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The docs' pictures, and those of the browser tests that they are. Needs a build and Chromium. */
const PICTURES = {
  "payment-page.png": "declined-desktop.png",
  "payment-page-phone.png": "form-uz-light.png",
  "payment-page-dark.png": "form-ru-dark.png",
  "console.png": "console.png",
  "console-phone.png": "console-phone.png",
  "admin-payment.png": "admin-payment-en-desktop.png",
  "admin-waiting.png": "admin-waiting-en-dark.png",
  "admin-today.png": "admin-today-ru-desktop.png",
  "admin-phone.png": "admin-waiting-uz-phone-dark.png",
};

const folder = mkdtempSync(join(tmpdir(), "payme-kit-pictures-"));
try {
  const args = ["vitest", "run", "--config", "vitest.browser.config.ts", "payment-page", "console", "admin-page"];
  execFileSync("npx", args, { stdio: "inherit", env: { ...process.env, PICTURES: folder } });
  for (const [name, source] of Object.entries(PICTURES)) copyFileSync(join(folder, source), join("docs/images", name));
} finally {
  rmSync(folder, { recursive: true });
}
