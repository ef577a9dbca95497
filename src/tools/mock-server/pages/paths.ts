const PAGE = /^\/(?:payment\/|checkout\/)?([0-9a-f]{24})$/;
const LINK = /^\/([A-Za-z0-9+/=_%-]{8,})$/;

/** Returns the receipt's id in the path of a receipt's page; undefined for other paths. */
export function pageReceiptId(pathname: string): string | undefined {
  return PAGE.exec(pathname)?.[1];
}

/** Returns the encoded order in the path of a checkout link; undefined for other paths. */
export function linkOf(pathname: string): string | undefined {
  return LINK.exec(pathname)?.[1];
}

/** True for a checkout link or a posted checkout form. */
export function isCheckout({ method, pathname }: { method: string; pathname: string }): boolean {
  if (method === "POST") return pathname === "/";
  return (method === "GET" || method === "HEAD") && LINK.test(pathname);
}
