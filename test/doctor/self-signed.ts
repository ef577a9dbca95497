import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { globalAgent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Makes a certificate for 127.0.0.1 that ends in so many days. */
export function selfSigned(days: number): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "payme-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const request = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    `${days}`,
  ];
  const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", [...request, ...names, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  rmSync(folder, { recursive: true });
  return made;
}

/** Trusts a certificate until the test is over. */
export function trust({ cert }: { cert: string }): void {
  const { ca } = globalAgent.options;
  globalAgent.options.ca = cert;
  onTestFinished(() => {
    if (ca === undefined) delete globalAgent.options.ca;
    else globalAgent.options.ca = ca;
  });
}
